import { crc32, seededRandom, type Random } from '@everopen/core';

/**
 * The random numbers of one part of a world. Each part has its own stream, so that one draw more in one
 * place does not change what happens everywhere else.
 */
export function randomStream(seed: number, name: string): Random {
  const mixed = crc32(Buffer.from(name), seed >>> 0);
  return seededRandom(mixed + (Math.floor(seed / 2 ** 32) & 0xfffff) * 2 ** 32);
}
