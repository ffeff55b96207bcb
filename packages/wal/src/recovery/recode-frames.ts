import { readFrame, sealFrame } from '../format/frame.ts';
import { SEGMENT_HEADER_BYTES } from '../format/segment-header.ts';
import { nextFrame } from './scan-segment.ts';

/** The frames of a segment up to `end`, at the same offsets, with the checksums of another salt. */
export function recodeFrames(bytes: Buffer, end: number, oldSalt: number, newSalt: number): Buffer {
  const copy = Buffer.from(bytes.subarray(0, end));
  let at = SEGMENT_HEADER_BYTES;
  let frame = readFrame(bytes, at, oldSalt);
  while (frame && at < end) {
    sealFrame(copy, at, { salt: newSalt, batch: frame.batch, offset: at });
    ({ at, frame } = nextFrame(bytes, frame, oldSalt));
  }
  return copy.subarray(SEGMENT_HEADER_BYTES);
}
