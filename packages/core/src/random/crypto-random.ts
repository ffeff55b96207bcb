import { randomFillSync } from 'node:crypto';
import { randomFrom } from './from-uint32.ts';
import type { Random } from './random.ts';

const pool = Buffer.allocUnsafe(4096);
let at = pool.length;

function uint32(): number {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const value = pool.readUInt32LE(at);
  pool.fill(0, at, at + 4);
  at += 4;
  return value;
}

/** The operating system's randomness, fit for secrets. For shells only: a core is handed a `Random`. */
export const cryptoRandom: Random = randomFrom(uint32);
