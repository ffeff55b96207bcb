import { CodedError, crc32, type ByteWriter } from '@everopen/core';

/**
 *     frame   u32 length of what follows the checksum · u32 crc32 of it · u8 kind · body
 */
export const FRAME_BYTES_MAX: number = 8 * 1024 * 1024;
const HEADER_BYTES = 8;

export interface Frame {
  readonly kind: number;
  readonly body: Uint8Array;
}

export function writeFrame(writer: ByteWriter, kind: number, writeBody: (writer: ByteWriter) => void): void {
  const start = writer.length;
  writer.u32(0).u32(0).u8(kind);
  writeBody(writer);
  const content = writer.view().subarray(start + HEADER_BYTES);
  if (content.length > FRAME_BYTES_MAX) throw new RangeError(`A frame of ${content.length} bytes`);
  writer.patchU32(start, content.length).patchU32(start + 4, crc32(content));
}

/** Cuts a stream into frames. Holds at most one unfinished frame; its length is checked before anything is kept. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private held = 0;
  private needed = HEADER_BYTES;
  private readonly bytesMax: number;

  constructor(bytesMax: number = FRAME_BYTES_MAX) {
    this.bytesMax = bytesMax;
  }

  /** The frames that are complete with this chunk. Throws `Corrupt`; then the stream is of no more use. */
  push(chunk: Buffer): Frame[] {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < this.needed) return [];
    let rest = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    const frames: Frame[] = [];
    for (;;) {
      this.needed = HEADER_BYTES + (rest.length < HEADER_BYTES ? 0 : this.lengthIn(rest));
      if (rest.length < this.needed || this.needed === HEADER_BYTES) break;
      frames.push(checked(rest.subarray(4, this.needed)));
      rest = rest.subarray(this.needed);
    }
    this.chunks = rest.length === 0 ? [] : [rest];
    this.held = rest.length;
    return frames;
  }

  private lengthIn(header: Buffer): number {
    const length = header.readUInt32BE(0);
    if (length < 1 || length > this.bytesMax) throw new CodedError('Corrupt', `A frame of ${length} bytes`);
    return length;
  }
}

function checked(crcAndContent: Buffer): Frame {
  const content = crcAndContent.subarray(4);
  if (crcAndContent.readUInt32BE(0) !== crc32(content)) {
    throw new CodedError('Corrupt', 'A frame does not match its checksum');
  }
  return { kind: content.readUInt8(0), body: content.subarray(1) };
}
