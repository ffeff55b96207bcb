// What the write-ahead log costs. Run after `npm run build`:
//   node bench/wal.mjs [--json] [--directory PATH] [--seconds N]
// The disk measured is the one under the directory (default: the system's temporary folder).
import { mkdtemp, open, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeDisk } from '../packages/core/dist/index.js';
import { openWriteAheadLog } from '../packages/wal/dist/index.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    directory: { type: 'string', default: tmpdir() },
    seconds: { type: 'string', default: '3' },
  },
});
const PAYLOAD_BYTES = 100;
const OUTSTANDING = 256;
const RAW_BYTES = 16 * 1024 * 1024;
const durationMs = Number(options.seconds) * 1000;

const folder = await mkdtemp(join(options.directory, 'everopen-wal-bench-'));
try {
  const results = {
    machine: `${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}`,
    node: process.version,
    payloadBytes: PAYLOAD_BYTES,
    ...(await oneWriterAgainstRaw()),
    manyWriters: await writers(OUTSTANDING),
    recovery: await recovery(),
  };
  if (options.json) console.log(JSON.stringify(results, undefined, 2));
  else print(results);
} finally {
  await rm(folder, { recursive: true });
}

/**
 * One waiting writer, against the floor: one write and one fdatasync into a file that is allocated already. They
 * take turns, so that whatever else the machine does hits both alike.
 */
async function oneWriterAgainstRaw() {
  const file = await open(join(folder, 'raw'), 'w+');
  await file.write(Buffer.alloc(RAW_BYTES), 0);
  await file.sync();
  const log = await openWriteAheadLog(nodeDisk, { directory: join(folder, 'one') });
  const record = Buffer.alloc(PAYLOAD_BYTES, 7);
  const rawTimes = [];
  const logTimes = [];
  const end = performance.now() + durationMs;
  for (let at = 0; performance.now() < end; at = (at + 512) % RAW_BYTES) {
    const start = performance.now();
    await file.write(record, 0, record.length, at);
    await file.datasync();
    const middle = performance.now();
    await log.whenDurable(log.append(record));
    rawTimes.push(middle - start);
    logTimes.push(performance.now() - middle);
  }
  await file.close();
  await log.close();
  const raw = summary(rawTimes);
  const oneWriter = summary(logTimes);
  return { raw, oneWriter: { ...oneWriter, timesRawSync: round(oneWriter.msMedian / raw.msMedian) } };
}

/** Each writer appends the next record once its last one is durable. */
async function writers(count) {
  const log = await openWriteAheadLog(nodeDisk, { directory: join(folder, `w${count}`) });
  const payload = Buffer.alloc(PAYLOAD_BYTES, 7);
  const times = [];
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const end = started + durationMs;
  const write = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      await log.whenDurable(log.append(payload));
      times.push(performance.now() - start);
      if (log.durable % 100_000 === 0) await log.truncatePrefix(log.durable - 50_000);
    }
  };
  await Promise.all(Array.from({ length: count }, write));
  const elapsedMs = performance.now() - started;
  const cpu = process.cpuUsage(cpuBefore);
  await log.close();
  return {
    perSecond: Math.round((times.length / elapsedMs) * 1000),
    ...summary(times),
    cpuMicrosPerRecord: round((cpu.user + cpu.system) / times.length),
  };
}

/** Opens a log of a million records, and reads it all. */
async function recovery() {
  const directory = join(folder, 'recovery');
  const log = await openWriteAheadLog(nodeDisk, { directory });
  const payload = Buffer.alloc(PAYLOAD_BYTES, 7);
  for (let n = 0; n < 1_000; n++) {
    for (let i = 0; i < 1_000; i++) log.append(payload);
    await log.whenDurable(log.appended);
  }
  await log.close();
  const start = performance.now();
  const again = await openWriteAheadLog(nodeDisk, { directory });
  const openMs = performance.now() - start;
  let records = 0;
  for await (const batch of again.read(1)) records += batch.length;
  const readMs = performance.now() - start - openMs;
  await again.close();
  return { records, openMs: round(openMs), readMs: round(readMs) };
}

function summary(times) {
  times.sort((a, b) => a - b);
  const at = (share) => round(times[Math.floor(times.length * share)] ?? 0);
  return { msMedian: at(0.5), msP99: at(0.99) };
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}

function print({ machine, node, raw, oneWriter, manyWriters, recovery: recovered }) {
  console.log(`${machine}, Node ${node}, ${PAYLOAD_BYTES}-byte records, ${options.seconds} s each`);
  console.log(`write + fdatasync      median ${raw.msMedian} ms, p99 ${raw.msP99} ms`);
  console.log(
    `log, 1 writer          median ${oneWriter.msMedian} ms (${oneWriter.timesRawSync} × raw), ` +
      `p99 ${oneWriter.msP99} ms`,
  );
  console.log(
    `log, ${OUTSTANDING} writers       ${manyWriters.perSecond}/s, median ${manyWriters.msMedian} ms, ` +
      `p99 ${manyWriters.msP99} ms, ${manyWriters.cpuMicrosPerRecord} µs CPU a record`,
  );
  console.log(
    `recovery               ${recovered.records} records checked in ${recovered.openMs} ms, read in ${recovered.readMs} ms`,
  );
}
