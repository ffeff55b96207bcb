import { CodedError } from '@everopen/core';
import type { Hash } from 'node:crypto';

/** Takes exact numbers of bytes out of chunks that were cut anywhere, and hashes what it took. */
export class ChunkReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly hash: Hash;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>, hash: Hash) {
    this.chunks = chunks[Symbol.asyncIterator]();
    this.hash = hash;
  }

  /** The next `length` bytes. */
  async take(length: number): Promise<Buffer> {
    const bytes = await this.takeUnhashed(length);
    this.hash.update(bytes);
    return bytes;
  }

  async takeUnhashed(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (this.rest.length < missing) {
      parts.push(this.rest);
      missing -= this.rest.length;
      const next = await this.chunks.next();
      if (next.done === true) throw new CodedError('Corrupt', 'A snapshot is cut short');
      this.rest = next.value;
    }
    parts.push(this.rest.subarray(0, missing));
    this.rest = this.rest.subarray(missing);
    return Buffer.concat(parts, length);
  }

  /** `Corrupt` if anything is left. */
  async end(): Promise<void> {
    while (this.rest.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) return;
      this.rest = next.value;
    }
    throw new CodedError('Corrupt', 'A snapshot has more bytes than it should');
  }

  /** Lets go of the source. */
  async cancel(): Promise<void> {
    await this.chunks.return?.();
  }
}
