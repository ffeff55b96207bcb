import { CodedError } from '@everopen/core';
import { brandRule, type CardBrand } from './card-brand.ts';
import type { Card } from './card.ts';

const NUMBER_TEXT_MAX_CHARS = 32;
/** Cards are issued for a few years; a later expiry is a typing mistake. */
const EXPIRY_YEARS_AHEAD_MAX = 20;
/** Letters of any script, and the marks that names are written with. No control characters, digits or markup. */
const HOLDER_NAME = /^[\p{L}\p{M}][\p{L}\p{M} .,'’\-/]{0,63}$/u;

/** A card that has been checked, its number reduced to digits. */
export interface ValidCard extends Card {
  readonly brand: CardBrand;
  readonly lastFour: string;
}

/**
 * Checks what can be known without asking the issuer: holder, number (length for its brand, Luhn), security
 * code (length for its brand), expiry against `nowUnixMs`. The first fault is thrown as `InvalidCard` with
 * `details.field`; neither message nor details repeat what was typed.
 */
export function validateCard(card: Card, nowUnixMs: number): ValidCard {
  const holderName = textOf(card.holderName).normalize('NFC').trim();
  if (!HOLDER_NAME.test(holderName)) {
    throw invalid('holderName', 'must be the name on the card, 1–64 letters');
  }
  const number = digitsOf(textOf(card.number));
  const rule = brandRule(number);
  if (!rule.lengths.includes(number.length)) {
    throw invalid('number', 'has the wrong number of digits for its kind of card');
  }
  if (!passesLuhn(number)) throw invalid('number', 'contains a typing mistake: its check digit is wrong');

  validateExpiry(card, nowUnixMs);

  const securityCode = textOf(card.securityCode);
  if (!/^\d+$/.test(securityCode) || securityCode.length !== rule.securityCodeDigits) {
    throw invalid('securityCode', `must have ${rule.securityCodeDigits} digits`);
  }
  return {
    holderName,
    number,
    expiryMonth: card.expiryMonth,
    expiryYear: card.expiryYear,
    securityCode,
    brand: rule.brand,
    lastFour: number.slice(-4),
  };
}

function validateExpiry(card: Card, nowUnixMs: number): void {
  const { expiryMonth, expiryYear } = card;
  if (!Number.isInteger(expiryMonth) || expiryMonth < 1 || expiryMonth > 12) {
    throw invalid('expiryMonth', 'must be 1–12');
  }
  const now = new Date(nowUnixMs);
  const yearMax = now.getUTCFullYear() + EXPIRY_YEARS_AHEAD_MAX;
  if (!Number.isInteger(expiryYear) || expiryYear < 1000 || expiryYear > yearMax) {
    throw invalid('expiryYear', `must be a year of four digits, at most ${yearMax}`);
  }
  const monthsLeft = (expiryYear - now.getUTCFullYear()) * 12 + (expiryMonth - 1 - now.getUTCMonth());
  if (monthsLeft >= 0) return;
  const yearHasPassed = expiryYear < now.getUTCFullYear();
  throw invalid(yearHasPassed ? 'expiryYear' : 'expiryMonth', 'has passed: the card has expired');
}

/** ISO/IEC 7812-1, annex B: every second digit from the right doubled, digits summed, divisible by ten. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let fromRight = 0; fromRight < digits.length; fromRight++) {
    const digit = digits.charCodeAt(digits.length - 1 - fromRight) - 48;
    const weighted = fromRight % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** The digits of a card number; spaces and hyphens may stand between them. Empty if it is anything else. */
function digitsOf(text: string): string {
  const digits = text.length > NUMBER_TEXT_MAX_CHARS ? '' : text.replaceAll(/[ -]/g, '');
  return /^\d+$/.test(digits) ? digits : '';
}

/** Cards come from forms: a field may be of any type whatever the declared one says. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function invalid(field: keyof Card, problem: string): CodedError {
  return new CodedError('InvalidCard', `The card's ${field} ${problem}`, { details: { field } });
}
