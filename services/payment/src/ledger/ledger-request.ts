import { CURRENCIES, isCurrency, LIMITS } from '@everopen/contract';
import { CodedError } from '@everopen/core';
import type { CardBrand } from '../card/card-brand.ts';

/** The dearest cart that the shop allows: every line, every unit, the highest price. A safe integer. */
export const AMOUNT_MAX_MINOR = LIMITS.cartLines * LIMITS.unitsPerCartLine * LIMITS.priceMaxMinor;
export const KEY_MAX_CHARS = 64;

const KEY_FORM = /^[A-Za-z0-9._:-]{1,64}$/;
const CARD_NUMBER_DIGITS = /^(?:[._:-]*\d){12,19}[._:-]*$/;

/** What the ledger is asked. It has no card number: that stays where the card was checked. */
export type LedgerRequest = ChargeRequest | VoidRequest;

export interface ChargeRequest {
  readonly kind: 'charge';
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly card: { readonly brand: CardBrand; readonly lastFour: string };
  /** Set for test cards: decides in place of the draw. */
  readonly forced?: 'charged' | 'declined' | undefined;
}

export interface VoidRequest {
  readonly kind: 'void';
  readonly key: string;
}

/**
 * Throws `InvalidArgument` (field `key`) unless it is 1–64 letters, digits, dots, colons, hyphens, underscores.
 * Keys are stored, so one that might be a card number, put there by mistake, is refused as well.
 */
export function requireKey(key: string): void {
  if (!KEY_FORM.test(key)) {
    throw invalid('key', `must be 1–${KEY_MAX_CHARS} letters, digits, '.', '_', ':' or '-'`);
  }
  if (CARD_NUMBER_DIGITS.test(key)) throw invalid('key', 'must not look like a card number (12–19 digits)');
}

/** Throws `InvalidArgument` (field `amountMinor` or `currency`) unless the ledger can hold this sum. */
export function requireAmount(amountMinor: number, currency: string): void {
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 1 || amountMinor > AMOUNT_MAX_MINOR) {
    throw invalid('amountMinor', `must be a whole number of minor units, 1–${AMOUNT_MAX_MINOR}`);
  }
  if (!isCurrency(currency)) {
    throw invalid('currency', `must be one of ${Object.keys(CURRENCIES).join(', ')}`);
  }
}

function invalid(field: string, problem: string): CodedError {
  return new CodedError('InvalidArgument', `The ${field} ${problem}`, { details: { field } });
}
