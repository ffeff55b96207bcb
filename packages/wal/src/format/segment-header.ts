import { createHash } from 'node:crypto';
import { crc32 } from '@everopen/core';

/** The header has a sector of its own, so that no later write touches it. */
export const SEGMENT_HEADER_BYTES = 512;

const MAGIC = Buffer.from('EVEROWAL', 'latin1');
const VERSION = 1;
const IDENTITY_BYTES = 16;
const CRC_AT = SEGMENT_HEADER_BYTES - 4;

export interface SegmentHeader {
  readonly number: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Random for each file: seeds the checksums of its records. */
  readonly salt: number;
  /** From `identityHash`. */
  readonly identity: Uint8Array;
}

/*
 * offset  bytes
 *      0      8  "EVEROWAL"
 *      8      4  format version, 1
 *     12      4  salt
 *     16      6  number of the segment
 *     22      6  size of the file
 *     28     16  SHA-256 of the log's identity, its first half
 *     44    464  zeros
 *    508      4  CRC-32 of all before
 */
export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32BE(VERSION, 8);
  bytes.writeUInt32BE(header.salt, 12);
  bytes.writeUIntBE(header.number, 16, 6);
  bytes.writeUIntBE(header.bytes, 22, 6);
  bytes.set(header.identity, 28);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, CRC_AT)), CRC_AT);
  return bytes;
}

/** The header, or what is wrong with it. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < SEGMENT_HEADER_BYTES) return `is ${bytes.length} bytes long, shorter than its header`;
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 'does not begin like a segment of a log';
  if (bytes.readUInt32BE(CRC_AT) !== crc32(bytes.subarray(0, CRC_AT))) return 'has a damaged header';
  const version = bytes.readUInt32BE(8);
  if (version !== VERSION) return `has the format version ${version}; this program knows ${VERSION}`;
  return {
    salt: bytes.readUInt32BE(12),
    number: bytes.readUIntBE(16, 6),
    bytes: bytes.readUIntBE(22, 6),
    identity: bytes.subarray(28, 28 + IDENTITY_BYTES),
  };
}

export function identityHash(identity: string): Uint8Array {
  return createHash('sha256').update(identity).digest().subarray(0, IDENTITY_BYTES);
}
