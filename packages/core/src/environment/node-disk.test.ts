import promises, { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { nodeDisk } from './node-disk.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everopen-disk-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the real disk', () => {
  it('writes, syncs, reads back, truncates, and says how long a file is', async () => {
    const file = await nodeDisk.open(join(folder, 'a'), { create: true, exclusive: true });
    await file.write(0, Buffer.from('hello'));
    await file.write(10, Buffer.from('world'));
    await file.sync();
    expect(await file.size()).toBe(15);
    expect(Buffer.from(await file.read(10, 100)).toString()).toBe('world');
    expect(await file.read(100, 5)).toHaveLength(0);
    await file.truncate(5);
    expect(Buffer.from(await file.read(0, 100)).toString()).toBe('hello');
    await file.close();
  });

  it('lists names in order, renames, removes and syncs directories', async () => {
    const directory = join(folder, 'deep', 'er');
    await nodeDisk.makeDirectory(directory);
    for (const name of ['b', 'c', 'a']) {
      await (await nodeDisk.open(join(directory, name), { create: true })).close();
    }
    await nodeDisk.rename(join(directory, 'c'), join(directory, 'd'));
    await nodeDisk.remove(join(directory, 'b'));
    await nodeDisk.syncDirectory(directory);
    expect(await nodeDisk.list(directory)).toEqual(['a', 'd']);
  });

  it('makes the names of new directories durable, and touches no others', async () => {
    const opened = vi.spyOn(promises, 'open');
    syncBuiltinESMExports();
    try {
      await nodeDisk.makeDirectory(join(folder, 'x', 'y', 'z'));
      expect(opened.mock.calls.map(([path]) => path)).toEqual([
        join(folder, 'x', 'y'),
        join(folder, 'x'),
        folder,
      ]);
      opened.mockClear();
      await nodeDisk.makeDirectory(join(folder, 'x', 'y', 'z'));
      expect(opened).not.toHaveBeenCalled();
    } finally {
      opened.mockRestore();
      syncBuiltinESMExports();
    }
  });

  it('gives its failures a code and the path', async () => {
    const missing = join(folder, 'missing');
    await expect(nodeDisk.open(missing)).rejects.toMatchObject({
      code: 'NotFound',
      details: { path: missing },
    });
    await expect(nodeDisk.list(missing)).rejects.toMatchObject({ code: 'NotFound' });
    await expect(nodeDisk.open(join(folder, 'a'), { create: true, exclusive: true })).rejects.toMatchObject({
      code: 'DiskFailed',
    });
    await expect(
      nodeDisk.open('/dev/full').then((file) => file.write(0, Buffer.from('x'))),
    ).rejects.toMatchObject({
      code: 'DiskFull',
    });
  });
});
