const U48_MAX = 2 ** 48 - 1;
const encoder = new TextEncoder();

/**
 * Appends big-endian numbers, bytes and texts to a buffer that grows. The counterpart of `ByteReader`.
 * A number out of range is a programming error and throws a `RangeError`.
 */
export class ByteWriter {
  private buffer: Buffer;
  private at = 0;

  constructor(initialBytes: number = 256) {
    this.buffer = Buffer.allocUnsafe(initialBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.at;
  }

  u8(value: number): this {
    this.reserve(1);
    this.at = this.buffer.writeUInt8(value, this.at);
    return this;
  }

  u16(value: number): this {
    this.reserve(2);
    this.at = this.buffer.writeUInt16BE(value, this.at);
    return this;
  }

  u32(value: number): this {
    this.reserve(4);
    this.at = this.buffer.writeUInt32BE(value, this.at);
    return this;
  }

  /** Sequence numbers and positions: 2^48 at a million a second lasts nine years. */
  u48(value: number): this {
    if (value > U48_MAX) throw new RangeError(`${value} does not fit into 48 bits`);
    this.reserve(6);
    this.at = this.buffer.writeUIntBE(value, this.at, 6);
    return this;
  }

  /** A safe integer of either sign, as 64 bits. */
  i64(value: number): this {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe integer`);
    this.reserve(8);
    this.at = this.buffer.writeBigInt64BE(BigInt(value), this.at);
    return this;
  }

  f64(value: number): this {
    this.reserve(8);
    this.at = this.buffer.writeDoubleBE(value, this.at);
    return this;
  }

  boolean(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  /** A 32-bit length, then the bytes. */
  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  /** A 32-bit length, then UTF-8. */
  text(value: string): this {
    const worstCase = value.length * 3;
    this.reserve(4 + worstCase);
    const { written } = encoder.encodeInto(value, this.buffer.subarray(this.at + 4));
    this.buffer.writeUInt32BE(written, this.at);
    this.at += 4 + written;
    return this;
  }

  /** Overwrites four bytes written earlier, e.g. a length or checksum that is known only at the end. */
  patchU32(offset: number, value: number): this {
    if (offset + 4 > this.at) throw new RangeError('patch beyond the end');
    this.buffer.writeUInt32BE(value, offset);
    return this;
  }

  /** The bytes so far, without a copy: valid until the next write or `reset`. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.at);
  }

  /** A copy of the bytes so far. */
  finish(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.buffer, 0, this.at);
  }

  reset(): this {
    this.at = 0;
    return this;
  }

  private reserve(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }
}
