import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32 (IEEE 802.3) of `bytes`, continued from `seed`: an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array, seed: number = 0): number {
  return zlibCrc32(bytes, seed);
}
