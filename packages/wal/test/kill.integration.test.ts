import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { nodeDisk } from '@everopen/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWriteAheadLog } from '../src/index.ts';

const RUNS = 5;
const SEGMENT_BYTES = 65_536;
const root = join(import.meta.dirname, '../../..');
/** Appends as fast as it can, and says after each sync what is durable. */
const PROGRAM = `
  import { nodeDisk } from '${pathToFileURL(join(root, 'packages/core/dist/index.js')).href}';
  import { openWriteAheadLog } from '${pathToFileURL(join(root, 'packages/wal/dist/index.js')).href}';
  const log = await openWriteAheadLog(nodeDisk, { directory: process.argv[1], segmentBytes: ${SEGMENT_BYTES} });
  log.onDurable = (durable) => console.log(durable);
  for (;;) {
    for (let n = 0; n < 20; n++) log.append(Buffer.from('record ' + (log.appended + 1)));
    await log.whenDurable(log.appended);
  }
`;

let directory = '';
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'everopen-wal-kill-'))));
afterEach(() => rm(directory, { recursive: true }));

it('a process killed again and again on a real disk loses nothing it has acknowledged', async () => {
  let acknowledged = 0;
  for (let run = 1; run <= RUNS; run++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const target = acknowledged + 2_000 * run;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Math.max(acknowledged, Number(line));
      if (acknowledged >= target) child.kill('SIGKILL');
    }
    await exited;
    const log = await openWriteAheadLog(nodeDisk, { directory, segmentBytes: SEGMENT_BYTES });
    expect(log.durable).toBeGreaterThanOrEqual(acknowledged);
    let expected = 1;
    for await (const records of log.read(1)) {
      for (const { sequence, payload } of records) {
        if (sequence !== expected || Buffer.from(payload).toString() !== `record ${expected}`) {
          throw new Error(`Record ${expected} reads as ${sequence}: ${Buffer.from(payload).toString()}`);
        }
        expected++;
      }
    }
    expect(expected).toBe(log.durable + 1);
    await log.close();
  }
});
