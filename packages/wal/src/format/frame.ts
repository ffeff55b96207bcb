import { crc32 } from '@everopen/core';

export const FRAME_HEADER_BYTES = 20;
/** Frames begin at multiples of this, so that recovery knows where to look for them. */
export const FRAME_ALIGNMENT = 8;
/**
 * Batches begin at multiples of this: a disk may destroy the sector that it is writing when power fails, so
 * no write ever touches a sector that holds acknowledged records.
 */
export const BATCH_ALIGNMENT = 512;

/** What a frame is. 0 is none, so that a run of zeros is never a frame. */
export const FRAME_KIND = {
  /** A record of the caller's. */
  record: 1,
  /** Says nothing but that everything before it is synced. Its sequence: the last record's. */
  synced: 2,
  /** Records after `sequence` are withdrawn. */
  withdraw: 3,
  /** Segments below the number in the payload (6 bytes) may be missing. Its sequence: the last record's. */
  forget: 4,
} as const;

export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];

/*
 * offset  bytes
 *      0      4  CRC-32 of all behind it, seeded with salt xor offset in the file
 *      4      4  length of the payload
 *      8      4  offset in the file at which the frame's batch begins
 *     12      6  sequence
 *     18      1  kind
 *     19      1  type, the caller's
 *     20         payload, then zeros up to the next multiple of 8
 *
 * A batch is written only after the sync of the batch before it has succeeded. So a valid frame proves that
 * everything before its batch had been synced: the third field is what tells a write cut short from damage.
 *
 * For equal bytes, CRC-32 with another seed is another number, always. So a frame moved to another offset,
 * or left over from another file at the same offset, is never valid.
 */
export interface Frame {
  readonly kind: FrameKind;
  readonly type: number;
  readonly sequence: number;
  /** Where its batch begins. */
  readonly batch: number;
  /** Where it ends, padding excluded. */
  readonly end: number;
}

/** The payload of a frame that was read at `at` in `bytes`, without a copy. */
export function payloadAt(bytes: Buffer, at: number): Buffer {
  const from = at + FRAME_HEADER_BYTES;
  return bytes.subarray(from, from + bytes.readUInt32BE(at + 4));
}

export function alignedUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** Bytes that a frame takes, padding included. */
export function frameBytes(payloadBytes: number): number {
  return alignedUp(FRAME_HEADER_BYTES + payloadBytes, FRAME_ALIGNMENT);
}

/** Gives a frame its place in a file: fills in batch and checksum. `at` is its place in `buffer`. */
export function sealFrame(
  buffer: Buffer,
  at: number,
  place: { salt: number; batch: number; offset: number },
): void {
  const end = at + FRAME_HEADER_BYTES + buffer.readUInt32BE(at + 4);
  buffer.writeUInt32BE(place.batch, at + 8);
  buffer.writeUInt32BE(crc32(buffer.subarray(at + 4, end), (place.salt ^ place.offset) >>> 0), at);
}

/** A batch of one frame of our own, ready to be written at `offset`. */
export function singleFrame(
  kind: FrameKind,
  place: { salt: number; offset: number },
  sequence: number,
  payload: Uint8Array = new Uint8Array(0),
): Buffer {
  const { salt, offset } = place;
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + payload.length);
  frame.writeUInt32BE(payload.length, 4);
  frame.writeUIntBE(sequence, 12, 6);
  frame[18] = kind;
  frame.set(payload, FRAME_HEADER_BYTES);
  sealFrame(frame, 0, { salt, batch: offset, offset });
  return frame;
}

/**
 * The frame at `at` in `bytes`, whose first byte lies at `origin` in the segment's file; undefined if there is no
 * valid one.
 */
export function readFrame(
  bytes: Buffer,
  at: number,
  salt: number,
  origin: number = 0,
  ignoreChecksum: boolean = false,
): Frame | undefined {
  if (at + FRAME_HEADER_BYTES > bytes.length) return undefined;
  const kind = bytes[at + 18] as number;
  if (kind < FRAME_KIND.record || kind > FRAME_KIND.forget) return undefined;
  const end = at + FRAME_HEADER_BYTES + bytes.readUInt32BE(at + 4);
  if (end > bytes.length) return undefined;
  const offset = origin + at;
  const batch = bytes.readUInt32BE(at + 8);
  if (batch > offset || batch % BATCH_ALIGNMENT !== 0) return undefined;
  if (!ignoreChecksum) {
    const expected = crc32(bytes.subarray(at + 4, end), (salt ^ offset) >>> 0);
    if (bytes.readUInt32BE(at) !== expected) return undefined;
  }
  return {
    kind: kind as FrameKind,
    type: bytes[at + 19] as number,
    sequence: bytes.readUIntBE(at + 12, 6),
    batch,
    end: origin + end,
  };
}
