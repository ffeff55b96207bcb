import { describe, expect, it } from 'vitest';
import { cryptoRandom } from './crypto-random.ts';
import { seededRandom } from './seeded-random.ts';

describe.each([
  ['seeded', seededRandom(42)],
  ['crypto', cryptoRandom],
])('%s randomness', (_, random) => {
  it('stays in its ranges and reaches all of them', () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const digit = random.below(10);
      counts[digit] = (counts[digit] as number) + 1;
      const float = random.float();
      expect(float >= 0 && float < 1).toBe(true);
    }
    for (const count of counts) expect(count).toBeGreaterThan(1_600);
  });

  it('fills bytes of any length, and picks', () => {
    for (const length of [0, 1, 3, 4, 5, 31])
      expect(random.fill(new Uint8Array(length))).toHaveLength(length);
    expect(new Set(random.fill(new Uint8Array(1_000))).size).toBeGreaterThan(200);
    expect(['a', 'b']).toContain(random.pick(['a', 'b']));
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
    expect(() => random.below(0)).toThrow(RangeError);
  });
});

describe('seeded randomness', () => {
  it('repeats for the same seed, and differs for neighbouring seeds and for those beyond 32 bits', () => {
    const first = (seed: number) =>
      Array.from(
        { length: 4 },
        (
          (random) => () =>
            random.uint32()
        )(seededRandom(seed)),
      );
    expect(first(7)).toEqual(first(7));
    const all = [0, 1, 2, 7, 8, 2 ** 32, 2 ** 32 * 3 + 7].map((seed) => first(seed).join());
    expect(new Set(all).size).toBe(all.length);
  });
});
