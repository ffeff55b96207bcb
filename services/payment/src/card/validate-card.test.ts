import { isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passesLuhn, validateCard } from './validate-card.ts';
import { forcedOutcome, TEST_CARDS } from './test-cards.ts';
import type { Card } from './card.ts';

const NOW = Date.UTC(2026, 10, 30, 23, 59, 59);
const CARD: Card = {
  holderName: 'Ada Lovelace',
  number: '4242 4242-4242 4242',
  expiryMonth: 11,
  expiryYear: 2026,
  securityCode: '012',
};

function fieldAtFault(change: object): unknown {
  try {
    validateCard({ ...CARD, ...change }, NOW);
    return undefined;
  } catch (error) {
    if (!isCodedError(error, 'InvalidCard')) throw error;
    const typed = Object.values(change).map(String);
    for (const secret of typed.filter((text) => text.length > 4)) {
      expect(error.message + JSON.stringify(error.details)).not.toContain(secret);
    }
    return error.details['field'];
  }
}

describe('the check of a card', () => {
  it('P4: reduces a good card to digits, brand and last four', () => {
    expect(validateCard(CARD, NOW)).toMatchObject({
      number: '4242424242424242',
      brand: 'visa',
      lastFour: '4242',
    });
  });

  it.each<[string, object, string]>([
    ['no holder', { holderName: '  ' }, 'holderName'],
    ['a holder of 65 letters', { holderName: 'a'.repeat(65) }, 'holderName'],
    ['a line feed in the holder', { holderName: 'Ada\nLovelace' }, 'holderName'],
    ['a card number as the holder', { holderName: '4242424242424242' }, 'holderName'],
    ['a wrong digit', { number: '4242424242424241' }, 'number'],
    ['a Visa of 15 digits', { number: '424242424242424' }, 'number'],
    ['letters', { number: '4242x4242y4242z4242' }, 'number'],
    ['digits of another script', { number: '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢' }, 'number'],
    ['no number', { number: undefined }, 'number'],
    ['a number that is a number', { number: 4242424242424242 }, 'number'],
    ['month 0', { expiryMonth: 0 }, 'expiryMonth'],
    ['month 13', { expiryMonth: 13 }, 'expiryMonth'],
    ['half a month', { expiryMonth: 1.5 }, 'expiryMonth'],
    ['a month that is text', { expiryMonth: '11' }, 'expiryMonth'],
    ['last month', { expiryMonth: 10 }, 'expiryMonth'],
    ['last year', { expiryYear: 2025 }, 'expiryYear'],
    ['a year of two digits', { expiryYear: 30 }, 'expiryYear'],
    ['a year far ahead', { expiryYear: 2047 }, 'expiryYear'],
    ['two digits of code', { securityCode: '12' }, 'securityCode'],
    ['four digits of code', { securityCode: '1234' }, 'securityCode'],
    ['three digits for American Express', { number: '378282246310005' }, 'securityCode'],
  ])('P4: refuses %s, naming the field and repeating nothing', (_name, change, field) => {
    expect(fieldAtFault(change)).toBe(field);
  });

  it('P4: a card is good until its last millisecond', () => {
    expect(() => validateCard(CARD, Date.UTC(2026, 11, 1) - 1)).not.toThrow();
    expect(() => validateCard(CARD, Date.UTC(2026, 11, 1))).toThrow('expired');
  });

  it('Luhn finds every single wrong digit', () => {
    const number = '4242424242424242';
    fc.assert(
      fc.property(fc.nat({ max: 15 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const wrong = (Number(number[at]) + by) % 10;
        expect(passesLuhn(number.slice(0, at) + wrong + number.slice(at + 1))).toBe(false);
      }),
    );
  });

  it('P2: the test cards are good cards, and force what they say', () => {
    for (const [list, outcome] of [
      [TEST_CARDS.approved, 'charged'],
      [TEST_CARDS.declined, 'declined'],
    ] as const) {
      for (const number of list) {
        const securityCode = number.startsWith('3') ? '1234' : '123';
        expect(forcedOutcome(validateCard({ ...CARD, number, securityCode }, NOW).number)).toBe(outcome);
      }
    }
    expect(forcedOutcome('4242424242424242')).toBeUndefined();
  });
});
