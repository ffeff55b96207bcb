import { seededRandom } from '@everopen/core';
import { SimulatedDisk } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import type { PersistBatch } from '../core/persistence.ts';
import type { Configuration, Entry, RestoredState } from '../core/types.ts';
import { openRaftStorage, type OpenedStorage } from './raft-storage.ts';

const FOUNDING: Configuration = { voters: [1, 2, 3], learners: [] };

let boots = 0;

function open(disk: SimulatedDisk): Promise<OpenedStorage> {
  const owner = { name: `boot-${++boots}`, isAlive: (): boolean => false };
  const wal = {
    directory: '/data/log',
    segmentBytes: 4096,
    maxRecordBytes: 512,
    random: seededRandom(1),
    owner,
  };
  return openRaftStorage({ disk: disk.mount(), wal, founding: FOUNDING });
}

function command(index: number, term: number, bytes = 10): Entry {
  return { index, term, kind: 'command', data: new Uint8Array(bytes).fill(index) };
}

/** Writes batches, and resolves when the last is durable. */
async function writeAll(storage: OpenedStorage['storage'], batches: readonly PersistBatch[]): Promise<void> {
  await new Promise<void>((resolve) => {
    storage.onPersisted = (seq): void => {
      if (seq === batches.at(-1)?.seq) resolve();
    };
    for (const batch of batches) storage.write(batch);
  });
}

function batch(seq: number, content: Partial<PersistBatch>): PersistBatch {
  return { seq, hardState: undefined, snapshot: undefined, entries: [], ...content };
}

async function reopened(disk: SimulatedDisk): Promise<RestoredState> {
  const { storage, restored } = await open(disk);
  await storage.close();
  return restored;
}

describe('a log on disk', () => {
  it('begins with the founding configuration, and remembers it', async () => {
    const disk = new SimulatedDisk();
    const { storage, restored } = await open(disk);
    await storage.close();
    expect(restored.snapshot.configuration).toEqual(FOUNDING);
    expect(await reopened(disk)).toEqual(restored);
  });

  it('has after a power failure everything that was said to be durable', async () => {
    const disk = new SimulatedDisk();
    const { storage } = await open(disk);
    const entries = [command(1, 1), command(2, 1), { index: 3, term: 2, kind: 'noop' } as const];
    await writeAll(storage, [batch(1, { hardState: { term: 2, votedFor: 3 } }), batch(2, { entries })]);
    disk.powerFailure();
    expect(await reopened(disk)).toMatchObject({ hardState: { term: 2, votedFor: 3 }, entries });
  });

  it('replaces entries of a former leader', async () => {
    const disk = new SimulatedDisk();
    const { storage } = await open(disk);
    await writeAll(storage, [
      batch(1, { entries: [command(1, 1), command(2, 1), command(3, 1)] }),
      batch(2, { entries: [command(2, 2)] }),
    ]);
    disk.powerFailure();
    expect((await reopened(disk)).entries).toEqual([command(1, 1), command(2, 2)]);
  });

  it('begins behind a snapshot that was installed, with the configuration of that', async () => {
    const disk = new SimulatedDisk();
    const { storage } = await open(disk);
    const snapshot = { index: 50, term: 4, commands: 45, configuration: { voters: [2, 3], learners: [1] } };
    await writeAll(storage, [
      batch(1, { entries: [command(1, 1)] }),
      batch(2, { hardState: { term: 5, votedFor: 0 }, snapshot, entries: [command(51, 5)] }),
    ]);
    disk.powerFailure();
    expect(await reopened(disk)).toEqual({
      hardState: { term: 5, votedFor: 0 },
      snapshot,
      entries: [command(51, 5)],
    });
  });

  it('gives the disk back what was compacted, and keeps the rest, also when entries were replaced before', async () => {
    const disk = new SimulatedDisk();
    const { storage } = await open(disk);
    const entries = Array.from({ length: 60 }, (_, i) => command(i + 1, 1, 400));
    const later = Array.from({ length: 60 }, (_, i) => command(i + 31, 2, 400));
    await writeAll(storage, [
      batch(1, { hardState: { term: 2, votedFor: 2 } }),
      batch(2, { entries }),
      batch(3, { entries: later }),
    ]);
    const before = storage.bytes;
    const base = { index: 80, term: 2, commands: 80, configuration: FOUNDING };
    await storage.compact(base);
    expect(storage.bytes).toBeLessThan(before / 2);
    disk.powerFailure();
    expect(await reopened(disk)).toEqual({
      hardState: { term: 2, votedFor: 2 },
      snapshot: base,
      entries: later.slice(-10),
    });
  });

  it('R6: refuses to open when an acknowledged record is damaged', async () => {
    const disk = new SimulatedDisk();
    const { storage } = await open(disk);
    await writeAll(storage, [batch(1, { entries: [command(1, 1), command(2, 1)] })]);
    await storage.close();
    const mounted = disk.mount();
    const [name] = (await mounted.list('/data/log')).filter((one) => one.endsWith('.wal'));
    const file = await mounted.open(`/data/log/${name}`);
    const bytes = Buffer.from(await file.read(0, 4096));
    const at = bytes.indexOf(Buffer.alloc(10, 1));
    await file.write(at, Buffer.from([0xff]));
    await file.sync();
    await expect(open(disk)).rejects.toMatchObject({ code: 'Corrupt' });
  });
});
