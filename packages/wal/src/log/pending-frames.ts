import { FRAME_HEADER_BYTES, FRAME_KIND, frameBytes, sealFrame, type FrameKind } from '../format/frame.ts';
import type { Extent } from './extents.ts';
import type { Sequence } from './write-ahead-log.ts';

const INITIAL_BYTES = 64 * 1024;
/** A larger buffer is given back once it is empty. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** What a batch does to the log once it is durable, in order. */
export type Change = { readonly run: Extent } | { readonly withdrawAfter: Sequence };

export interface Batch {
  /** Frames, ready to be written. Valid until the next batch is sealed after the write. */
  readonly bytes: Buffer;
  readonly changes: readonly Change[];
  /** How many frames in it are neither records nor markers: truncations, whose callers wait. */
  readonly truncations: number;
  /** The last record of the log once this batch is durable, if nothing after the batch withdraws it. */
  readonly last: Sequence;
}

/**
 * Frames on their way to the disk, encoded one behind the other. There are two buffers: one is being filled
 * while the other is being written.
 */
export class PendingFrames {
  private buffer: Buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  private other: Buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  private from = 0;
  private to = 0;

  /** Bytes waiting. */
  get bytes(): number {
    return this.to - this.from;
  }

  /** Bytes of the first frame waiting; 0 if none is. */
  get firstFrameBytes(): number {
    return this.bytes === 0 ? 0 : frameBytes(this.buffer.readUInt32BE(this.from + 4));
  }

  add(kind: FrameKind, sequence: Sequence, type: number, payload: Uint8Array): void {
    const bytes = frameBytes(payload.length);
    if (this.to + bytes > this.buffer.length) this.moveOn(bytes);
    const { buffer, to: at } = this;
    buffer.writeUInt32BE(payload.length, at + 4);
    buffer.writeUIntBE(sequence, at + 12, 6);
    buffer[at + 18] = kind;
    buffer[at + 19] = type;
    buffer.set(payload, at + FRAME_HEADER_BYTES);
    this.to += bytes;
    buffer.fill(0, at + FRAME_HEADER_BYTES + payload.length, this.to);
  }

  /** Takes the frames that fit into `maxBytes` as a batch at this place in a segment. */
  seal(place: { segment: number; salt: number; offset: number }, maxBytes: number): Batch {
    const { segment, salt, offset: batch } = place;
    const { buffer, from } = this;
    const changes: Change[] = [];
    let run: Extent | undefined;
    let truncations = 0;
    let last = 0;
    let at = from;
    while (at < this.to) {
      const bytes = frameBytes(buffer.readUInt32BE(at + 4));
      if (at + bytes - from > maxBytes) break;
      const offset = batch + at - from;
      sealFrame(buffer, at, { salt, batch, offset });
      const kind = buffer[at + 18];
      last = buffer.readUIntBE(at + 12, 6);
      at += bytes;
      if (kind === FRAME_KIND.record) {
        const end = batch + at - from;
        if (run) {
          run.end = end;
          run.last = last;
        } else {
          run = { segment, offset, end, first: last, last };
          changes.push({ run });
        }
      } else if (kind === FRAME_KIND.withdraw) {
        truncations++;
        run = undefined;
        changes.push({ withdrawAfter: last });
      } else if (kind === FRAME_KIND.forget) {
        truncations++;
      }
    }
    this.from = at;
    if (this.from === this.to) this.swap();
    return { bytes: buffer.subarray(from, at), changes, truncations, last };
  }

  private swap(): void {
    const emptied = this.buffer.length > KEPT_BYTES ? Buffer.allocUnsafe(INITIAL_BYTES) : this.buffer;
    this.buffer = this.other;
    this.other = emptied;
    this.from = 0;
    this.to = 0;
  }

  /**
   * Goes on in another buffer, twice as large as what waits: while the disk is behind, this one is never
   * emptied, however much went through it. It is left as it is: a part of it may be on its way to the disk.
   */
  private moveOn(bytes: number): void {
    const next = Buffer.allocUnsafe(Math.max(INITIAL_BYTES, 2 * (this.bytes + bytes)));
    this.buffer.copy(next, 0, this.from, this.to);
    this.to -= this.from;
    this.from = 0;
    this.buffer = next;
  }
}
