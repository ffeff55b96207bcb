import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '@everopen/core';
import { describe, expect, it } from 'vitest';
import { describeOrderedLogCompliance } from '../../testing/log-compliance.ts';
import type { OrderedLog } from '../ordered-log.ts';
import { soloLog } from './solo-log.ts';

async function temporarySolo(): Promise<{
  open(): Promise<OrderedLog>;
  remove(): Promise<void>;
}> {
  const directory = await mkdtemp(join(tmpdir(), 'everopen-solo-'));
  return {
    open: soloLog({
      member: 'a',
      disk: nodeDisk,
      wal: { directory: join(directory, 'log'), segmentBytes: 256 * 1024, maxRecordBytes: 64 * 1024 },
      commandBytesMax: 20_000,
    }),
    remove: () => rm(directory, { recursive: true }),
  };
}

describeOrderedLogCompliance('solo', async () => {
  const solo = await temporarySolo();
  let log = await solo.open();
  return {
    log,
    restart: async () => {
      await log.close();
      log = await solo.open();
      return log;
    },
    commandBytesMax: 20_000,
    dispose: async () => {
      await log.close();
      await solo.remove();
    },
  };
});

describe('a solo log', () => {
  it('refuses a reader whose position it has lost, before its beginning or beyond its end', async () => {
    const solo = await temporarySolo();
    const log = await solo.open();
    let last = 0;
    for (let i = 0; i < 60; i++) last = await log.submit(new Uint8Array(20_000));
    await log.trim(last);
    expect(log.status().first).toBeGreaterThan(1);
    await log.close();
    const again = await solo.open();
    for (const after of [0, last + 1]) {
      const reader = again.committed(after)[Symbol.asyncIterator]();
      await expect(reader.next()).rejects.toMatchObject({ code: 'Corrupt' });
    }
    await again.close();
    await solo.remove();
  });
});
