import { LIMITS } from '@everopen/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRefusal, writeRefusalDetails } from './refusal-details.ts';
import type { Refusal } from './purchase-types.ts';
import { refusal } from './refusals.ts';

const OUT_OF_STOCK: Refusal = {
  code: 'OutOfStock',
  message: 'Only this is left: 1 of item 7',
  details: { lines: [{ itemId: 7, requested: 2, available: 1 }] },
};
const BARE = refusal('OutOfStock');
const andBack = (written: Refusal): Refusal => readRefusal(written.code, writeRefusalDetails(written));
const lines = (count: number): unknown[] =>
  Array.from({ length: count }, () => ({ itemId: 9_007_199_254_740_991, expectedMinor: 1, priceMinor: 2 }));

describe('a refusal on its way into the database and back', () => {
  it('M17: is the same', () => {
    expect(andBack(OUT_OF_STOCK)).toEqual(OUT_OF_STOCK);
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    const details = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(text, details, (message, some) => {
        const written = { code: 'PriceChanged', message, details: JSON.parse(JSON.stringify(some)) };
        fc.pre(writeRefusalDetails(written) !== '');
        expect(andBack(written)).toEqual(written);
      }),
    );
  });

  it('is printable ASCII, as the database wants it', () => {
    const written = writeRefusalDetails({ ...OUT_OF_STOCK, message: 'Zu wenig übrig\n\u2028👍' });
    expect(written).toMatch(/^\{[\x20-\x7e]*\}$/);
    expect(readRefusal('OutOfStock', written).message).toBe('Zu wenig übrig\n\u2028👍');
  });

  it('costs nothing where the code says it all', () => {
    expect(writeRefusalDetails(BARE)).toBe('');
    expect(andBack(BARE)).toEqual(BARE);
  });

  it('has room for every line of a full cart', () => {
    const full = { ...OUT_OF_STOCK, details: { lines: lines(LIMITS.cartLines) } };
    expect(andBack(full)).toEqual(full);
  });

  it('limit: that is too long loses its details, then its words, and never its code', () => {
    const long = { ...OUT_OF_STOCK, details: { lines: lines(200) } };
    expect(andBack(long)).toEqual({ ...OUT_OF_STOCK, details: {} });
    const message = 'x'.repeat(LIMITS.refusalDetailsMaxBytes);
    expect(andBack({ ...long, message })).toEqual(BARE);
  });

  it.each([
    ['no JSON', 'Only 1 is left'],
    ['cut off', '{"message":"Only 1'],
    ['a list', '[]'],
    ['null', 'null'],
    ['without a message', '{"details":{}}'],
    ['with an empty message', '{"message":"","details":{}}'],
    ['with a message that is no text', '{"message":1,"details":{}}'],
    ['with details that are no object', '{"message":"Only 1 is left","details":[]}'],
    ['without details', '{"message":"Only 1 is left"}'],
  ])('is its code alone if its details are %s', (_, text) => {
    expect(readRefusal('OutOfStock', text)).toEqual(BARE);
  });

  it('of a code that this version does not know is what it comes to: the order was called off', () => {
    for (const code of ['MoonInWrongPhase', 'constructor', '']) {
      expect(readRefusal(code, writeRefusalDetails(OUT_OF_STOCK))).toEqual(refusal('OrderAborted'));
    }
  });
});
