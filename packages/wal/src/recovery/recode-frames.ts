import { readFrame, sealFrame } from '../format/frame.ts';
import { SEGMENT_HEADER_BYTES } from '../format/segment-header.ts';
import { nextFrameAt } from './scan-segment.ts';

/** The frames of a segment up to `end`, at the same offsets, with the checksums of another salt. */
export function recodeFrames(bytes: Buffer, end: number, oldSalt: number, newSalt: number): Buffer {
  const copy = Buffer.from(bytes.subarray(0, end));
  for (let at = SEGMENT_HEADER_BYTES; at < end;) {
    const frame = readFrame(bytes, at, oldSalt);
    if (!frame) break;
    sealFrame(copy, at, { salt: newSalt, batch: frame.batch, offset: at });
    at = nextFrameAt(bytes, frame, oldSalt);
  }
  return copy.subarray(SEGMENT_HEADER_BYTES);
}
