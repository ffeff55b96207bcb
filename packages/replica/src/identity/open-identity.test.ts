import { seededRandom, type Disk } from '@everopen/core';
import { SimulatedDisk } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import { confirmStorage, foundCluster, openIdentity } from './open-identity.ts';

const RECORD = { cluster: 'shop-1', epoch: 1, members: ['a', 'b', 'c'] };
const DIRECTORY = '/data/replica';
const random = seededRandom(1);

const open = (disk: Disk, member = 'a', cluster?: string) =>
  openIdentity({ disk, directory: DIRECTORY, member, random, ...(cluster === undefined ? {} : { cluster }) });

async function writeFile(disk: Disk, name: string, text: string): Promise<void> {
  const file = await disk.open(`${DIRECTORY}/${name}`, { create: true });
  await file.truncate(0);
  await file.write(0, Buffer.from(text));
  await file.sync();
  await file.close();
}

describe('the identity of a replica', () => {
  it('keeps its storage id over restarts, and has another boot id each time', async () => {
    const disk = new SimulatedDisk();
    await foundCluster(disk.mount(), DIRECTORY, RECORD);
    const first = await open(disk.mount(), 'b', 'shop-1');
    expect(first).toMatchObject({ ...RECORD, member: 'b', storageIsNew: true });
    await confirmStorage(disk.mount(), DIRECTORY, first);
    disk.powerFailure();
    const second = await open(disk.mount(), 'b');
    expect(second).toMatchObject({ ...RECORD, member: 'b', storageIsNew: false, storageId: first.storageId });
    expect(second.bootId).not.toBe(first.bootId);
    expect([second.storageId.length, second.bootId.length]).toEqual([32, 16]);
  });

  it('is of a new storage until that is confirmed, whatever crash comes between', async () => {
    const disk = new SimulatedDisk();
    await foundCluster(disk.mount(), DIRECTORY, RECORD);
    const first = await open(disk.mount());
    disk.powerFailure();
    const second = await open(disk.mount());
    expect(second).toMatchObject({ storageIsNew: true, storageId: first.storageId });
    await confirmStorage(disk.mount(), DIRECTORY, second);
    disk.powerFailure();
    const third = await open(disk.mount());
    expect(third).toMatchObject({ storageIsNew: false, storageId: first.storageId });
    await confirmStorage(disk.mount(), DIRECTORY, third);
    expect((await open(disk.mount())).storageIsNew).toBe(false);
  });

  it('has another storage id on another disk', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => {
        const disk = new SimulatedDisk().mount();
        await foundCluster(disk, DIRECTORY, RECORD);
        return (await open(disk)).storageId;
      }),
    );
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('is founded once: again with the same record does nothing, with another is refused', async () => {
    const disk = new SimulatedDisk().mount();
    await foundCluster(disk, DIRECTORY, RECORD);
    await open(disk);
    await foundCluster(disk, DIRECTORY, RECORD);
    for (const change of [{ cluster: 'shop-2' }, { epoch: 2 }, { members: ['a', 'b'] }]) {
      await expect(foundCluster(disk, DIRECTORY, { ...RECORD, ...change })).rejects.toMatchObject({
        code: 'WrongCluster',
      });
    }
    expect((await open(disk)).cluster).toBe('shop-1');
  });

  it('is refused for another cluster or member', async () => {
    const disk = new SimulatedDisk().mount();
    await foundCluster(disk, DIRECTORY, RECORD);
    await open(disk, 'a');
    await expect(open(disk, 'b')).rejects.toMatchObject({ code: 'WrongCluster' });
    await expect(open(disk, 'a', 'shop-2')).rejects.toMatchObject({ code: 'WrongCluster' });
  });

  it('is never begun anew by itself: not on an empty folder, not where the record was lost', async () => {
    const disk = new SimulatedDisk().mount();
    await expect(open(disk)).rejects.toMatchObject({ code: 'NotFound' });
    await foundCluster(disk, DIRECTORY, RECORD);
    await open(disk);
    await disk.remove(`${DIRECTORY}/founding.json`);
    await expect(open(disk)).rejects.toMatchObject({ code: 'WrongCluster' });
    await expect(foundCluster(disk, DIRECTORY, RECORD)).rejects.toMatchObject({ code: 'WrongCluster' });
  });

  it('can be founded again after a crash in the middle of founding', async () => {
    let calls = 0;
    for (let crashAt = 1; ; crashAt++) {
      const fresh = new SimulatedDisk();
      calls = 0;
      fresh.inject = () => (++calls === crashAt ? { errno: 'EIO' } : undefined);
      const founded = await foundCluster(fresh.mount(), DIRECTORY, RECORD).then(
        () => true,
        () => false,
      );
      fresh.inject = undefined;
      fresh.powerFailure(() => (crashAt % 2 === 0 ? 'kept' : 'lost'));
      await foundCluster(fresh.mount(), DIRECTORY, RECORD);
      expect((await open(fresh.mount())).members).toEqual(RECORD.members);
      if (founded) break;
    }
    expect(calls).toBeGreaterThan(5);
  });

  it('is Corrupt when a record was damaged', async () => {
    const disk = new SimulatedDisk().mount();
    await foundCluster(disk, DIRECTORY, RECORD);
    await writeFile(
      disk,
      'founding.json',
      '{"version":1,"cluster":"shop-9","epoch":1,"members":["a"]}\n00000000\n',
    );
    await expect(open(disk)).rejects.toMatchObject({ code: 'Corrupt' });
    await writeFile(disk, 'founding.json', '');
    await expect(open(disk)).rejects.toMatchObject({ code: 'Corrupt' });
  });

  it('refuses a record with a bad field, and names it', async () => {
    const disk = new SimulatedDisk().mount();
    const cases: [object, string][] = [
      [{ cluster: '' }, 'cluster'],
      [{ cluster: 'a b' }, 'cluster'],
      [{ epoch: 0 }, 'epoch'],
      [{ members: [] }, 'members'],
      [{ members: ['a', 'a'] }, 'members'],
      [{ members: ['x'.repeat(65)] }, 'members'],
    ];
    for (const [change, field] of cases) {
      await expect(foundCluster(disk, DIRECTORY, { ...RECORD, ...change })).rejects.toMatchObject({
        code: 'InvalidArgument',
        details: { field },
      });
    }
  });
});
