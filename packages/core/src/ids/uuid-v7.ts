import { CodedError } from '../errors/coded-error.ts';
import type { Random } from '../random/random.ts';
import { UUID_BYTES } from './uuid.ts';

/** A version 7 UUID (RFC 9562, section 5.7): 48 bits of Unix time in milliseconds, 74 bits of randomness. */
export function uuidV7(unixMs: number, random: Random): Uint8Array {
  const bytes = new Uint8Array(UUID_BYTES);
  random.fill(bytes.subarray(6));
  Buffer.from(bytes.buffer).writeUIntBE(unixMs, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] as number) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
  return bytes;
}

/** The time in a version 7 UUID, in Unix milliseconds. Any other version is `InvalidArgument`. */
export function uuidV7UnixMs(uuid: Uint8Array): number {
  const isVersion7 =
    uuid.length === UUID_BYTES && (uuid[6] as number) >> 4 === 7 && (uuid[8] as number) >> 6 === 2;
  if (!isVersion7) throw new CodedError('InvalidArgument', 'Not a version 7 UUID');
  return Buffer.from(uuid.buffer, uuid.byteOffset, UUID_BYTES).readUIntBE(0, 6);
}
