import {
  alignedUp,
  BATCH_ALIGNMENT,
  FRAME_ALIGNMENT,
  FRAME_KIND,
  readFrame,
  type Frame,
} from '../format/frame.ts';
import { SEGMENT_HEADER_BYTES } from '../format/segment-header.ts';

export interface SegmentScan {
  /** Where the first frame that is missing or bad would stand. */
  readonly end: number;
  /** Where the last batch begins. */
  readonly lastBatch: number;
  /** No valid frame at all. */
  readonly empty: boolean;
  /** Everything before `end` is known to have been synced, but for markers that say nothing else. */
  readonly proven: boolean;
  /** Whether anything but zeros lies at or behind `end`. */
  readonly remains: boolean;
  /** A valid frame behind `end` that was written after a sync of what `end` points to. */
  readonly proofOfDamage: Frame | undefined;
}

/**
 * Reads the frames of a segment, given as the bytes of its whole file, up to the first that is not valid, and
 * judges what lies behind it. `visit` sees each valid frame and its offset, in order.
 */
export function scanSegment(
  bytes: Buffer,
  salt: number,
  visit: (frame: Frame, offset: number) => void,
  ignoreChecksum: boolean = false,
): SegmentScan {
  let at = SEGMENT_HEADER_BYTES;
  let batch = 0;
  let proven = true;
  let empty = true;
  let frame = readFrame(bytes, at, salt, 0, ignoreChecksum);
  while (frame && (frame.batch === at || frame.batch === batch)) {
    if (frame.batch === at) proven = true;
    if (frame.kind !== FRAME_KIND.synced) proven = false;
    empty = false;
    batch = frame.batch;
    visit(frame, at);
    ({ at, frame } = nextFrame(bytes, frame, salt, ignoreChecksum));
  }
  const end = at;
  const last = lastNonZero(bytes, end);
  return {
    end,
    lastBatch: empty ? end : batch,
    empty,
    proven,
    remains: last >= end,
    proofOfDamage: last >= end ? findProof(bytes, end, last, salt) : undefined,
  };
}

/** Behind a frame comes another of its batch, or zeros up to the place where the next batch begins. */
export function nextFrame(
  bytes: Buffer,
  frame: Frame,
  salt: number,
  ignoreChecksum: boolean = false,
): { at: number; frame: Frame | undefined } {
  const inBatch = alignedUp(frame.end, FRAME_ALIGNMENT);
  const continued = readFrame(bytes, inBatch, salt, 0, ignoreChecksum);
  if (continued?.batch === frame.batch) return { at: inBatch, frame: continued };
  const nextBatch = alignedUp(frame.end, BATCH_ALIGNMENT);
  if (!isZero(bytes, inBatch, nextBatch)) return { at: inBatch, frame: undefined };
  return { at: nextBatch, frame: readFrame(bytes, nextBatch, salt, 0, ignoreChecksum) };
}

function findProof(bytes: Buffer, end: number, last: number, salt: number): Frame | undefined {
  for (let at = alignedUp(end + 1, FRAME_ALIGNMENT); at <= last; at += FRAME_ALIGNMENT) {
    const frame = readFrame(bytes, at, salt);
    if (frame && frame.batch > end) return frame;
  }
  return undefined;
}

function isZero(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** The offset of the last byte at or behind `from` that is not zero; −1 if there is none. */
function lastNonZero(bytes: Buffer, from: number): number {
  let at = bytes.length - 1;
  while (at >= from && bytes[at] === 0) at--;
  return at >= from ? at : -1;
}
