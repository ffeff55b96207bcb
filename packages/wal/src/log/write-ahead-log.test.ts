import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk, type CodedError } from '@everopen/core';
import { SimulatedClock, SimulatedDisk, World } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import { openWriteAheadLog } from './open-write-ahead-log.ts';
import type { WalOptions, WriteAheadLog } from './write-ahead-log.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function open(disk: SimulatedDisk, options: Partial<WalOptions> = {}): Promise<WriteAheadLog> {
  return openWriteAheadLog(disk.mount(), {
    directory: 'wal',
    segmentBytes: 4096,
    clock: new SimulatedClock(new World({ seed: 1 })),
    ...options,
  });
}

async function texts(log: WriteAheadLog, from: number = log.first): Promise<string[]> {
  const found: string[] = [];
  for await (const records of log.read(from)) {
    for (const { sequence, type, payload } of records)
      found.push(`${sequence}/${type} ${Buffer.from(payload).toString()}`);
  }
  return found;
}

async function fill(log: WriteAheadLog, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await log.whenDurable(log.append(bytes(`record ${n} `.padEnd(200, '.'))));
}

describe('a write-ahead log', () => {
  it('keeps records with their types, in order, over a restart, and goes on from there', async () => {
    const disk = new SimulatedDisk();
    const log = await open(disk);
    expect([log.first, log.appended, log.durable]).toEqual([1, 0, 0]);
    log.append(bytes('one'), 7);
    log.append(bytes(''));
    const last = log.append(bytes('three'), 255);
    expect([log.appended, log.durable]).toEqual([3, 0]);
    await log.whenDurable(last);
    expect([log.appended, log.durable]).toEqual([3, 3]);
    await log.close();
    const again = await open(disk);
    expect(await texts(again)).toEqual(['1/7 one', '2/0 ', '3/255 three']);
    expect(again.append(bytes('four'))).toBe(4);
    await again.whenDurable(4);
    expect(await texts(again, 3)).toEqual(['3/255 three', '4/0 four']);
  });

  it('writes everything that arrives during a sync as one batch, and never syncs twice at once', async () => {
    const world = new World({ seed: 1 });
    const disk = new SimulatedDisk({ world });
    const log = await inWorld(world, () =>
      open(disk, { segmentBytes: 65_536, clock: new SimulatedClock(world) }),
    );
    await world.run(world.nowMs + 1_000);
    let syncs = 0;
    disk.observe = ({ kind }) => void (syncs += Number(kind === 'sync'));
    const durable: number[] = [];
    log.onDurable = (sequence) => durable.push(sequence);
    log.append(bytes('alone'));
    for (let n = 0; n < 100; n++) world.after(0.05 + n / 10_000, () => log.append(bytes('meanwhile')));
    await world.run(world.nowMs + 10);
    expect(durable).toEqual([1, 101]);
    expect(syncs).toBe(2);
  });

  it('copies the payload, so that the caller may reuse its buffer at once', async () => {
    const disk = new SimulatedDisk();
    const log = await open(disk);
    const buffer = Buffer.from('first');
    log.append(buffer);
    buffer.write('other');
    await log.whenDurable(log.append(buffer));
    expect(await texts(log)).toEqual(['1/0 first', '2/0 other']);
  });

  it('refuses what is too large, too much, or not a type, and takes nothing', async () => {
    const log = await open(new SimulatedDisk(), { maxRecordBytes: 100, maxBufferedBytes: 300 });
    expect(() => log.append(new Uint8Array(101))).toThrow(
      expect.objectContaining({ code: 'PayloadTooLarge' }),
    );
    expect(() => log.append(bytes(''), 256)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
    log.append(new Uint8Array(100));
    log.append(new Uint8Array(100));
    expect(() => log.append(new Uint8Array(100))).toThrow(expect.objectContaining({ code: 'Overloaded' }));
    expect(log.appended).toBe(2);
    await log.whenDurable(2);
    expect(log.append(new Uint8Array(100))).toBe(3);
    await expect(log.whenDurable(4)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  it('names the setting that is wrong', async () => {
    const wrong: Partial<WalOptions>[] = [
      { segmentBytes: 1_000 },
      { maxRecordBytes: 4_096 },
      { maxBufferedBytes: 1 },
      { idleMarkerMs: 0 },
      { fullRetryMs: 0.5 },
      { directory: '' },
      { identity: 'x'.repeat(257) },
    ];
    for (const options of wrong) {
      await expect(open(new SimulatedDisk(), options)).rejects.toMatchObject({
        code: 'InvalidArgument',
        details: { field: Object.keys(options)[0] },
      });
    }
  });

  it('belongs to one identity', async () => {
    const disk = new SimulatedDisk();
    await (await open(disk, { identity: 'cluster 1, member a' })).close();
    await expect(open(disk, { identity: 'cluster 1, member b' })).rejects.toMatchObject({
      code: 'WrongCluster',
    });
    await (await open(disk, { identity: 'cluster 1, member a' })).close();
  });

  it('is not made anew where one is expected', async () => {
    const disk = new SimulatedDisk();
    await expect(open(disk, { create: false })).rejects.toMatchObject({ code: 'NotFound' });
    await (await open(disk)).close();
    await (await open(disk, { create: false })).close();
  });

  it('says Closed after close, and what was appended before is safe', async () => {
    const disk = new SimulatedDisk();
    const log = await open(disk);
    log.append(bytes('last words'));
    await log.close();
    await log.close();
    expect(() => log.append(bytes('more'))).toThrow(expect.objectContaining({ code: 'Closed' }));
    await expect(log.truncatePrefix(1)).rejects.toMatchObject({ code: 'Closed' });
    expect(await texts(await open(disk))).toEqual(['1/0 last words']);
  });
});

describe('truncation', () => {
  it('of the prefix removes whole segments, and reading from before is NotFound', async () => {
    const disk = new SimulatedDisk();
    const log = await open(disk);
    await fill(log, 40);
    const before = log.size;
    await log.truncatePrefix(20);
    expect(log.size).toBeLessThan(before);
    expect(log.first).toBeGreaterThan(1);
    expect(log.first).toBeLessThanOrEqual(21);
    await expect(texts(log, log.first - 1)).rejects.toMatchObject({ code: 'NotFound' });
    expect(await texts(log)).toHaveLength(41 - log.first);
    await expect(log.truncatePrefix(41)).rejects.toMatchObject({ code: 'InvalidArgument' });
    await log.truncatePrefix(40);
    await log.close();
    const again = await open(disk);
    expect(again.appended).toBe(40);
    expect(again.append(bytes('next'))).toBe(41);
  });

  it('of the suffix takes effect at once, rejects those who wait, and gives the numbers again', async () => {
    const disk = new SimulatedDisk();
    const log = await open(disk);
    await fill(log, 5);
    log.append(bytes('six'));
    const withdrawn = log.whenDurable(6);
    const truncated = log.truncateSuffix(3);
    expect([log.appended, log.durable]).toEqual([3, 3]);
    expect(log.append(bytes('new four'), 4)).toBe(4);
    await expect(withdrawn).rejects.toMatchObject({ code: 'NotFound' });
    await truncated;
    await log.whenDurable(4);
    expect((await texts(log)).slice(2)).toEqual([expect.stringMatching(/^3/), '4/4 new four']);
    await expect(log.truncateSuffix(5)).rejects.toMatchObject({ code: 'InvalidArgument' });
    await log.truncateSuffix(0);
    expect([log.first, log.appended]).toEqual([1, 0]);
    await log.close();
    const again = await open(disk);
    expect(again.appended).toBe(0);
    expect(again.append(bytes('one'))).toBe(1);
  });

  it('while somebody reads: the reader gets no record that is gone', async () => {
    const log = await open(new SimulatedDisk());
    await fill(log, 60);
    const seen: number[] = [];
    for await (const records of log.read(1)) {
      for (const { sequence } of records) seen.push(sequence);
      if (seen.length < 30) await log.truncateSuffix(40);
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    const reader = log.read(1)[Symbol.asyncIterator]();
    await reader.next();
    await log.truncatePrefix(40);
    await expect(reader.next()).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('a disk that fails', () => {
  it('R7: after a failed sync nothing is acknowledged any more, and a marker is left', async () => {
    const disk = new SimulatedDisk();
    const log = await open(disk);
    await fill(log, 3);
    disk.inject = ({ kind, path }) =>
      kind === 'sync' && path.endsWith('.wal') ? { errno: 'EIO' } : undefined;
    let told: CodedError | undefined;
    log.onFailed = (error) => (told = error);
    const lost = log.whenDurable(log.append(bytes('lost')));
    await expect(lost).rejects.toMatchObject({ code: 'DiskFailed' });
    disk.inject = undefined;
    expect(log.failed).toBe(told);
    expect(() => log.append(bytes('more'))).toThrow(expect.objectContaining({ code: 'DiskFailed' }));
    await expect(log.whenDurable(4)).rejects.toMatchObject({ code: 'DiskFailed' });
    await log.whenDurable(3);
    await log.close();
    expect(disk.volume.paths()).toContain('wal/FSYNC_FAILED');
    const again = await open(disk);
    expect(disk.volume.paths()).not.toContain('wal/FSYNC_FAILED');
    disk.powerFailure();
    expect(again.durable).toBe(4);
    expect(await texts(await open(disk, { owner: { name: 'next', isAlive: () => false } }))).toHaveLength(4);
  });

  it('R7: on a full disk appends are refused, those taken wait, and it goes on when there is space', async () => {
    const world = new World({ seed: 1 });
    const disk = new SimulatedDisk({ world });
    const log = await inWorld(world, () => open(disk, { clock: new SimulatedClock(world) }));
    await world.run(world.nowMs + 100);
    disk.capacityBytes = disk.volume.usedBytes;
    let acknowledged = 0;
    log.onDurable = (durable) => (acknowledged = durable);
    const fillUp = (): number => {
      let taken = 0;
      while (taken < 100 && !log.waitingForSpace) {
        log.append(bytes('x'.repeat(400)));
        taken++;
      }
      return taken;
    };
    world.spawn(async () => {
      while (!log.waitingForSpace) {
        log.append(bytes('x'.repeat(400)));
        await world.sleep(1);
      }
    });
    await world.run(world.nowMs + 500);
    expect(log.waitingForSpace).toMatchObject({ code: 'DiskFull' });
    expect(() => log.append(bytes('x'))).toThrow(expect.objectContaining({ code: 'DiskFull' }));
    expect(acknowledged).toBeLessThan(log.appended);
    expect(fillUp()).toBe(0);
    disk.capacityBytes = Infinity;
    await world.run(world.nowMs + 2_000);
    expect(log.waitingForSpace).toBeUndefined();
    expect(acknowledged).toBe(log.appended);
    expect(log.failed).toBeUndefined();
  });

  it('R7: a full disk is helped by truncating the prefix, without waiting for the next try', async () => {
    const world = new World({ seed: 1 });
    const disk = new SimulatedDisk({ world });
    const options = { clock: new SimulatedClock(world), fullRetryMs: 3_600_000 };
    const log = await inWorld(world, () => open(disk, options));
    await world.run(world.nowMs + 100);
    disk.capacityBytes = disk.volume.usedBytes + 3 * 4096;
    world.spawn(async () => {
      while (!log.waitingForSpace) {
        log.append(bytes('x'.repeat(400)));
        await world.sleep(1);
      }
      await log.truncatePrefix(log.durable);
    });
    await world.run(world.nowMs + 500);
    expect(log.waitingForSpace).toBeUndefined();
    expect(log.durable).toBe(log.appended);
    const { first, appended } = log;
    expect(first).toBeGreaterThan(1);
    disk.powerFailure();
    const again = await inWorld(world, () => open(disk, { owner: { name: 'next', isAlive: () => false } }));
    expect([again.first, again.appended]).toEqual([first, appended]);
  });

  it('a log that fails while it waits for space makes no further attempt', async () => {
    const world = new World({ seed: 1 });
    const disk = new SimulatedDisk({ world });
    const options = { clock: new SimulatedClock(world), fullRetryMs: 10 };
    const log = await inWorld(world, () => open(disk, options));
    await world.run(world.nowMs + 100);
    disk.capacityBytes = disk.volume.usedBytes + 3 * 4096;
    world.spawn(async () => {
      while (!log.waitingForSpace) {
        log.append(bytes('x'.repeat(400)));
        await world.sleep(1);
      }
      // Some file systems need space to remove a file.
      disk.capacityBytes = disk.volume.usedBytes;
      disk.inject = ({ kind }) => (kind === 'remove' ? { errno: 'ENOSPC' } : undefined);
      await log.truncatePrefix(log.durable).catch(() => undefined);
    });
    await world.run(world.nowMs + 500);
    expect(log.failed).toMatchObject({ code: 'DiskFull' });
    const events = world.eventCount;
    await world.run(world.nowMs + 1_000);
    expect(world.eventCount).toBe(events);
  });

  it('a log that waits for space can be closed', async () => {
    const disk = new SimulatedDisk();
    const log = await open(disk);
    await fill(log, 1);
    disk.capacityBytes = disk.volume.usedBytes;
    const waits: Promise<void>[] = [];
    for (let n = 0; n < 40; n++) waits.push(log.whenDurable(log.append(bytes('x'.repeat(200)))));
    const settled = Promise.allSettled(waits);
    await expect.poll(() => log.waitingForSpace).toBeDefined();
    await log.close();
    const results = await settled;
    expect(results.at(0)?.status).toBe('fulfilled');
    expect(results.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'DiskFull' } });
    disk.capacityBytes = Infinity;
    const kept = results.filter(({ status }) => status === 'fulfilled').length;
    expect((await open(disk)).appended).toBe(kept + 1);
  });
});

describe('one directory, one process', () => {
  it('a second opener is refused while the first lives, and let in when it is dead', async () => {
    const disk = new SimulatedDisk();
    const mounted = disk.mount();
    const owner = (name: string, alive: string[]): WalOptions => ({
      directory: 'wal',
      segmentBytes: 4096,
      clock: new SimulatedClock(new World({ seed: 1 })),
      owner: { name, isAlive: (other) => alive.includes(other) },
    });
    await openWriteAheadLog(mounted, owner('a', []));
    await expect(openWriteAheadLog(mounted, owner('b', ['a']))).rejects.toMatchObject({ code: 'InUse' });
    await expect(openWriteAheadLog(mounted, owner('a', []))).rejects.toMatchObject({ code: 'InUse' });
    const second = await openWriteAheadLog(mounted, owner('b', []));
    await second.close();
    expect(await mounted.list('wal')).not.toContainEqual(expect.stringMatching(/^lock/));
  });

  it('on the real disk: this process is alive, a claim of one that is gone is removed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'everopen-wal-'));
    try {
      const options = { directory, segmentBytes: 65_536 };
      const log = await openWriteAheadLog(nodeDisk, options);
      await log.whenDurable(log.append(bytes('real')));
      await expect(openWriteAheadLog(nodeDisk, options)).rejects.toMatchObject({ code: 'InUse' });
      await log.close();
      await (
        await nodeDisk.open(join(directory, 'lock.00000000-0000-0000-0000-000000000000-1-1'), {
          create: true,
        })
      ).close();
      const again = await openWriteAheadLog(nodeDisk, options);
      expect(await texts(again)).toEqual(['1/0 real']);
      expect((await readdir(directory)).filter((name) => name.startsWith('lock'))).toHaveLength(1);
      await again.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

/** Awaits something that happens in a world's time. */
async function inWorld<T>(world: World, action: () => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  world.spawn(async () => {
    result = { value: await action() };
  });
  await world.runUntil(() => result !== undefined, world.nowMs + 1_000);
  return (result as unknown as { value: T }).value;
}
