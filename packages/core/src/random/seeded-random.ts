import { randomFrom } from './from-uint32.ts';
import type { Random } from './random.ts';

/**
 * The same numbers for the same seed, on every machine. Not for secrets.
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), its state filled from the seed by splitmix32.
 */
export function seededRandom(seed: number): Random {
  let mix = seed | 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let counter = (Math.floor(seed / 2 ** 32) + 1) | 0;
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + result) | 0;
    return result >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return randomFrom(next);
}
