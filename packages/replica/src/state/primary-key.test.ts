import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareValues } from './primary-key.ts';

describe('the order of keys', () => {
  it('is the order of UTF-8 bytes for texts, as in every store', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareValues(a, b))).toBe(expected);
      }),
    );
    expect(compareValues('\uffff', '\u{1f600}')).toBeLessThan(0);
  });

  it('is by value for integers', () => {
    expect([10, 9, -1, 2 ** 40].sort(compareValues)).toEqual([-1, 9, 10, 2 ** 40]);
  });
});
