import { seededRandom } from '@everopen/core';
import { expect, it } from 'vitest';
import { World } from '../world/world.ts';
import { crashCases } from './crash-cases.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const text = async (disk: SimulatedDisk, path: string): Promise<string> => {
  const file = await disk.mount().open(path);
  return Buffer.from(await file.read(0, 1_000)).toString();
};

it('contents need a sync of the file, and names one of the directory', async () => {
  const disk = new SimulatedDisk();
  const mounted = disk.mount();
  await mounted.makeDirectory('d');
  const file = await mounted.open('d/a', { create: true });
  await file.write(0, Buffer.from('safe'));
  await file.sync();
  const nameless = new SimulatedDisk({ volume: disk.volume.afterPowerFailure(() => 'lost') });
  expect(await nameless.mount().list('d')).toEqual([]);
  await mounted.syncDirectory('d');
  await file.write(4, Buffer.from(' lost'));
  expect(await text(disk, 'd/a')).toBe('safe lost');
  disk.powerFailure();
  expect(await text(disk, 'd/a')).toBe('safe');
});

it('a rename is lost or kept as a whole, and a lost one leaves the old name', async () => {
  const disk = new SimulatedDisk();
  const mounted = disk.mount();
  await mounted.makeDirectory('d');
  for (const [name, content] of [
    ['d/old', 'old'],
    ['d/new', 'new'],
  ] as const) {
    const file = await mounted.open(name, { create: true });
    await file.write(0, Buffer.from(content));
    await file.sync();
  }
  await mounted.syncDirectory('d');
  await mounted.rename('d/new', 'd/old');
  const after = (fate: 'lost' | 'kept'): SimulatedDisk =>
    new SimulatedDisk({ volume: disk.volume.afterPowerFailure(() => fate) });
  expect(await text(after('lost'), 'd/old')).toBe('old');
  expect(await text(after('lost'), 'd/new')).toBe('new');
  expect(await text(after('kept'), 'd/old')).toBe('new');
  expect(await after('kept').mount().list('d')).toEqual(['old']);
});

it('a torn write keeps its first bytes; with the sector destroyed, its neighbours in it are gone', async () => {
  const disk = new SimulatedDisk();
  const mounted = disk.mount();
  const file = await mounted.open('f', { create: true });
  await file.write(0, Buffer.from('aaaa'));
  await file.sync();
  await mounted.syncDirectory('');
  await file.write(4, Buffer.from('bbbb'));
  const after = (destroyed: boolean): SimulatedDisk =>
    new SimulatedDisk({ volume: disk.volume.afterPowerFailure(() => ({ keptBytes: 2, destroyed })) });
  expect(await text(after(false), 'f')).toBe('aaaabb');
  expect(await text(after(true), 'f')).not.toContain('a');
});

it('after a failed sync the cache looks fine, a second sync succeeds, and the data is lost all the same', async () => {
  const disk = new SimulatedDisk();
  const mounted = disk.mount();
  const file = await mounted.open('f', { create: true });
  await mounted.syncDirectory('');
  await file.write(0, Buffer.from('data'));
  disk.inject = ({ kind }) => (kind === 'sync' ? { errno: 'EIO' } : undefined);
  await expect(file.sync()).rejects.toMatchObject({ code: 'DiskFailed' });
  disk.inject = undefined;
  await file.sync();
  expect(Buffer.from(await file.read(0, 9)).toString()).toBe('data');
  disk.powerFailure();
  expect(await text(disk, 'f')).toBe('');
});

it('a full disk refuses to grow, a failing write may leave a part of itself', async () => {
  const disk = new SimulatedDisk({ capacityBytes: 6 });
  const file = await disk.mount().open('f', { create: true });
  await file.write(0, Buffer.from('1234'));
  await expect(file.write(4, Buffer.from('5678'))).rejects.toMatchObject({ code: 'DiskFull' });
  disk.inject = ({ kind }) => (kind === 'write' ? { errno: 'EIO', writtenBytes: 1 } : undefined);
  await expect(file.write(2, Buffer.from('XY'))).rejects.toMatchObject({ code: 'DiskFailed' });
  expect(Buffer.from(await file.read(0, 9)).toString()).toBe('12X4');
});

it('a killed program hears nothing more from its disk, and its unsynced data is still there for the next', async () => {
  const world = new World({ seed: 1 });
  const disk = new SimulatedDisk({ world, latencyMs: () => 5 });
  const seen: string[] = [];
  world.spawn(async () => {
    const file = await disk.mount().open('f', { create: true });
    seen.push('opened');
    await file.write(0, Buffer.from('data'));
    seen.push('written');
  });
  world.at(7, () => disk.kill());
  await world.run(100);
  expect(seen).toEqual(['opened']);
  expect(disk.volume.lookUp('f')?.cache.read(0, 9).toString()).toBe('data');
});

it('crash cases have different outcomes, and tell what they are', async () => {
  const disk = new SimulatedDisk();
  const file = await disk.mount().open('f', { create: true });
  await file.write(0, Buffer.alloc(1_300, 1));
  const cases = [
    ...crashCases(disk.volume.changesAtRisk(), seededRandom(1), { randomTears: 2, randomSubsets: 2 }),
  ];
  const names = cases.map(({ name }) => name);
  expect(names).toContain('the write of 1300 bytes at 0 torn after 512 bytes');
  expect(names).toContain('the write of 1300 bytes at 0 torn after 1024 bytes, the sector destroyed');
  expect(names).toContain('all but create f');
  const outcomes = cases.map(({ fates }) => disk.volume.afterPowerFailure(fates).lookUp('f')?.durable.length);
  expect(new Set(outcomes).size).toBeGreaterThan(4);
});
