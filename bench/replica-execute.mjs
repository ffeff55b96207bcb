// Commands a second through one replica (solo log, SQLite), and what remembered answers cost.
// Run: npm run build && node --expose-gc bench/replica-execute.mjs [commands]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cryptoRandom, nodeDisk, uuidV7 } from '../packages/core/dist/index.js';
import { openReplica, soloLog, sqliteStore } from '../packages/replica/dist/index.js';
import { toyCommand, ToyMachine } from '../packages/replica/dist/testing/toy-machine.js';

const COMMANDS = Number(process.argv[2] ?? 100_000);
const CALLERS = 200;
const directory = mkdtempSync(join(tmpdir(), 'everopen-bench-'));
const start = () =>
  openReplica({
    identity: { cluster: 'bench', epoch: 1, member: 'a', members: ['a'] },
    machine: new ToyMachine(),
    log: soloLog({ member: 'a', disk: nodeDisk, wal: { directory: join(directory, 'log') } }),
    store: sqliteStore({ path: join(directory, 'store.db') }),
    onFatal: (error) => {
      throw error;
    },
  });
const memory = () => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

let replica = await start();
await replica.execute({ payload: toyCommand({ name: 'warm', amount: 1 }) });
for (const withKeys of [false, true]) {
  const before = memory();
  const latencies = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      while (next++ < COMMANDS) {
        const payload = toyCommand({ name: `account-${caller}`, amount: 1 });
        const key = uuidV7(Date.now(), cryptoRandom);
        const called = performance.now();
        await replica.execute(withKeys ? { payload, once: { key, owner: `owner-${caller}` } } : { payload });
        latencies.push(performance.now() - called);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await replica.checkpoint();
  latencies.sort((x, y) => x - y);
  const [p50, p99] = [0.5, 0.99].map((share) => latencies[Math.floor(COMMANDS * share)].toFixed(1));
  latencies.length = 0;
  const rate = Math.round(COMMANDS / seconds);
  const cost = ((user + system) / COMMANDS).toFixed(1);
  console.log(
    `${withKeys ? 'with keys' : 'without keys'}: ${rate} commands/s with ${CALLERS} callers, ${cost} µs CPU each`,
  );
  console.log(`  p50 ${p50} ms, p99 ${p99} ms`);
  console.log(`  kept in memory: ${Math.round((memory() - before) / COMMANDS)} bytes a command`);
}
await replica.close();
const began = performance.now();
replica = await start();
console.log(`restart with ${COMMANDS} answers: ${(performance.now() - began).toFixed(0)} ms`);
await replica.close();
rmSync(directory, { recursive: true });
