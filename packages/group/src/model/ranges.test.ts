import fc from 'fast-check';
import { expect, it } from 'vitest';
import { includes, numbersOf, rangesOf, subtract, union } from './ranges.ts';

const numbers = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 });

it('behaves as a set of numbers', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const sorted = (set: Set<number>): number[] => [...set].sort((x, y) => x - y);
      expect([...numbersOf(rangesOf(a))]).toEqual(sorted(new Set(a)));
      expect([...numbersOf(union(rangesOf(a), rangesOf(b)))]).toEqual(sorted(new Set([...a, ...b])));
      const rest = new Set(a.filter((number) => !b.includes(number)));
      expect([...numbersOf(subtract(rangesOf(a), rangesOf(b)))]).toEqual(sorted(rest));
      for (const number of b) expect(includes(rangesOf(a), number)).toBe(a.includes(number));
    }),
  );
});

it('has one form for one set: ranges neither touch nor overlap', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      expect(union(rangesOf(a), rangesOf(b))).toEqual(rangesOf([...a, ...b]));
    }),
  );
});

it('gives as many numbers as are wanted', () => {
  expect([...numbersOf(rangesOf([1, 2, 3, 7, 8]), 4)]).toEqual([1, 2, 3, 7]);
});
