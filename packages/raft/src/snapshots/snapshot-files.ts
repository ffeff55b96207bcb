import { createHash } from 'node:crypto';
import { CodedError, type Disk } from '@everopen/core';
import type { Index } from '../core/types.ts';

const READ_BYTES = 256 * 1024;
const UNFINISHED = '.part';

/** Snapshots received from leaders, each a file of its own, until the state that they hold is durable elsewhere. */
export class SnapshotFiles {
  private readonly disk: Disk;
  private readonly directory: string;
  private received = 0;

  private constructor(disk: Disk, directory: string) {
    this.disk = disk;
    this.directory = directory;
  }

  static async open(disk: Disk, directory: string): Promise<SnapshotFiles> {
    await disk.makeDirectory(directory);
    for (const name of await disk.list(directory)) {
      if (name.endsWith(UNFINISHED)) await disk.remove(`${directory}/${name}`);
    }
    return new SnapshotFiles(disk, directory);
  }

  /**
   * Takes a snapshot in, chunk by chunk. It has its name, for good, once this resolves: then contents and name are on
   * disk. Rejects with `Corrupt` if the contents do not have the hash that `finish` gives.
   */
  async receive(index: Index, chunks: AsyncIterable<Uint8Array>, finish: () => Uint8Array): Promise<void> {
    const path = `${this.directory}/${fileName(index)}`;
    // A name of its own: two leaders, or two attempts, may send the same snapshot at once.
    const unfinished = `${path}.${++this.received}${UNFINISHED}`;
    try {
      await this.write(unfinished, chunks, finish);
      await this.disk.rename(unfinished, path);
    } catch (error) {
      await this.disk.remove(unfinished).catch(() => {});
      throw error;
    }
    await this.disk.syncDirectory(this.directory);
  }

  async has(index: Index): Promise<boolean> {
    return (await this.disk.list(this.directory)).includes(fileName(index));
  }

  async *read(index: Index): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await this.disk.open(`${this.directory}/${fileName(index)}`);
    try {
      const size = await file.size();
      for (let at = 0; at < size; at += READ_BYTES) yield await file.read(at, READ_BYTES);
    } finally {
      await file.close();
    }
  }

  /** The state at `index` is durable: no snapshot up to there is needed any more. */
  async removeUpTo(index: Index): Promise<void> {
    for (const name of await this.disk.list(this.directory)) {
      const found = /^snapshot-([0-9a-f]{12})$/.exec(name)?.[1];
      if (found !== undefined && parseInt(found, 16) <= index)
        await this.disk.remove(`${this.directory}/${name}`);
    }
  }

  private async write(
    path: string,
    chunks: AsyncIterable<Uint8Array>,
    finish: () => Uint8Array,
  ): Promise<void> {
    const file = await this.disk.open(path, { create: true });
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of chunks) {
        hash.update(chunk);
        await file.write(bytes, chunk);
        bytes += chunk.length;
      }
      if (!hash.digest().equals(finish()))
        throw new CodedError('Corrupt', 'A snapshot does not match its hash');
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

function fileName(index: Index): string {
  return `snapshot-${index.toString(16).padStart(12, '0')}`;
}
