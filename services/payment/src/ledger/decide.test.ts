import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { drawFor } from './draw.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { AMOUNT_MAX_MINOR, requireAmount, requireKey, type LedgerRequest } from './ledger-request.ts';

const CARD = { brand: 'visa', lastFour: '4242' } as const;

function charge(key: string, amountMinor = 100, currency = 'EUR'): LedgerRequest {
  return { kind: 'charge', key, amountMinor, currency, card: CARD };
}

function first(request: LedgerRequest, nextNumber = 1, seed = 1): LedgerEntry {
  const draw = drawFor(seed, request.key);
  return decide(undefined, request, { draw, declineShare: 0.1, nextNumber, nowUnixMs: 1 });
}

function again(entry: LedgerEntry, request: LedgerRequest): LedgerEntry {
  // Another seed and share: nothing may be drawn a second time.
  const draw = drawFor(99, request.key);
  return decide(entry, request, { draw, declineShare: 0.5, nextNumber: 2, nowUnixMs: 2 });
}

describe('the law of the ledger', () => {
  it('P2: of 10,000 keys 10 % ± 1 % are declined, and the same ones in every run', () => {
    for (const seed of [1, 2, 2026]) {
      const keys = Array.from({ length: 10_000 }, (_, number) => `key-${number}`);
      const outcomes = keys.map((key) => first(charge(key), 1, seed).outcome);
      const declined = outcomes.filter((outcome) => outcome === 'declined').length;
      expect(declined).toBeGreaterThan(900);
      expect(declined).toBeLessThan(1_100);
      const backwards = keys.toReversed().map((key) => first(charge(key), 7, seed).outcome);
      expect(backwards.toReversed()).toEqual(outcomes);
    }
  });

  it('P2: references are the same in every run, and differ between keys', () => {
    const references = new Set(Array.from({ length: 10_000 }, (_, n) => drawFor(1, `key-${n}`).reference));
    expect(references.size).toBe(10_000);
    expect(drawFor(1, 'key-0').reference).toBe('pay_ac6e19cd2a80bf03ed24b712');
  });

  it('P2: a test card decides in place of the draw', () => {
    const context = { draw: drawFor(1, 'k'), declineShare: 1, nextNumber: 1, nowUnixMs: 1 };
    const base = { kind: 'charge', key: 'k', amountMinor: 1, currency: 'EUR', card: CARD } as const;
    expect(decide(undefined, { ...base, forced: 'charged' }, context).outcome).toBe('charged');
    expect(decide(undefined, { ...base, forced: 'declined' }, { ...context, declineShare: 0 }).outcome).toBe(
      'declined',
    );
  });

  it('P3: whatever comes after the first request for a key changes nothing', () => {
    const request = fc
      .boolean()
      .map((isCharge) => (isCharge ? charge('k') : ({ kind: 'void', key: 'k' } as const)));
    fc.assert(
      fc.property(request, fc.array(request), (opening, following) => {
        const entry = first(opening);
        for (const next of following) expect(again(entry, next)).toBe(entry);
        expect(entry.outcome === 'voided').toBe(opening.kind === 'void');
      }),
    );
  });

  it('P3: the same key with another amount or currency is refused, unless it was voided', () => {
    const entry = first(charge('k'));
    for (const [other, field] of [
      [charge('k', 101), 'amountMinor'],
      [charge('k', 100, 'USD'), 'currency'],
    ] as const) {
      expect(() => again(entry, other)).toThrow(
        expect.objectContaining({ code: 'KeyReused', details: { field } }),
      );
      expect(again(first({ kind: 'void', key: 'k' }), other).outcome).toBe('voided');
    }
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, AMOUNT_MAX_MINOR + 1])('refuses the amount %d', (amount) => {
    expect(() => requireAmount(amount, 'EUR')).toThrow(
      expect.objectContaining({ code: 'InvalidArgument', details: { field: 'amountMinor' } }),
    );
  });

  it.each(['', 'eur', 'XXX', 'EURO', 'constructor'])('refuses the currency %j', (currency) => {
    expect(() => requireAmount(1, currency)).toThrow(
      expect.objectContaining({ details: { field: 'currency' } }),
    );
  });

  it.each(['', 'a'.repeat(65), 'a b', 'a\n', 'é', "' OR 1=1", '4242424242424242', '4242-4242-4242-4242'])(
    'refuses the key %j',
    (key) => {
      expect(() => requireKey(key)).toThrow(expect.objectContaining({ details: { field: 'key' } }));
    },
  );

  it('takes UUIDs as keys, even one that is all digits', () => {
    expect(() => requireKey('01890000-0000-7000-8000-000000000000')).not.toThrow();
  });
});
