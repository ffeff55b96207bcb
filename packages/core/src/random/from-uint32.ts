import type { Random } from './random.ts';

/** Builds the whole interface from one function that gives 32 random bits. */
export function randomFrom(uint32: () => number): Random {
  const float = (): number => uint32() / 2 ** 32;
  const below = (bound: number): number => {
    if (!(bound >= 1 && bound <= 2 ** 32)) throw new RangeError(`No number below ${bound}`);
    return Math.floor(float() * bound);
  };
  return {
    uint32,
    float,
    below,
    chance: (probability) => float() < probability,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    fill: (bytes) => {
      for (let at = 0; at < bytes.length; at += 4) {
        const bits = uint32();
        for (let i = 0; i < 4 && at + i < bytes.length; i++) bytes[at + i] = (bits >>> (8 * i)) & 0xff;
      }
      return bytes;
    },
  };
}
