import { CodedError } from '../errors/coded-error.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads what `ByteWriter` wrote. Bytes come from a disk or a peer, so nothing is believed: reading past
 * the end, a length beyond the rest, broken UTF-8 or an unsafe integer throws `Corrupt`, never more.
 */
export class ByteReader {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.buffer.length - this.at;
  }

  u8(): number {
    return this.buffer.readUInt8(this.take(1));
  }

  u16(): number {
    return this.buffer.readUInt16BE(this.take(2));
  }

  u32(): number {
    return this.buffer.readUInt32BE(this.take(4));
  }

  u48(): number {
    return this.buffer.readUIntBE(this.take(6), 6);
  }

  i64(): number {
    const value = Number(this.buffer.readBigInt64BE(this.take(8)));
    if (!Number.isSafeInteger(value)) throw new CodedError('Corrupt', 'A stored integer is out of range');
    return value;
  }

  f64(): number {
    return this.buffer.readDoubleBE(this.take(8));
  }

  boolean(): boolean {
    const value = this.u8();
    if (value > 1) throw new CodedError('Corrupt', `A stored yes/no has the value ${value}`);
    return value === 1;
  }

  /** `length` bytes, without a copy. */
  raw(length: number): Uint8Array {
    const from = this.take(length);
    return this.buffer.subarray(from, from + length);
  }

  /** Length-prefixed bytes, without a copy. */
  bytes(): Uint8Array {
    return this.raw(this.u32());
  }

  text(): string {
    try {
      return decoder.decode(this.bytes());
    } catch (cause) {
      throw new CodedError('Corrupt', 'A stored text is not UTF-8', { cause });
    }
  }

  /** Throws `Corrupt` unless everything was read. */
  end(): void {
    if (this.remaining !== 0) throw new CodedError('Corrupt', `${this.remaining} bytes too many`);
  }

  private take(bytes: number): number {
    const from = this.at;
    if (bytes > this.buffer.length - from) {
      throw new CodedError('Corrupt', `${bytes} bytes expected at offset ${from}, ${this.remaining} there`);
    }
    this.at = from + bytes;
    return from;
  }
}
