import { errorForm } from '@everopen/contract';
import type { Card } from '@everopen/payment';
import type { ExpectedLine, Order, Refusal } from './purchase-types.ts';
import { readRefusal } from './refusal-details.ts';

export function refusal(code: string, message: string = errorForm(code).title): Refusal {
  return { code, message, details: {} };
}

/**
 * True if a failed call decided something: the same call will fail again. False if it left everything open
 * (lost, too late, overloaded, not ready): the call may have taken effect, and is to be repeated.
 */
export function isDecision(failure: Refusal): boolean {
  // Its `later` speaks to the buyer, who has to end another purchase first; waiting here would not help.
  if (failure.code === 'QuotaExceeded') return true;
  return errorForm(failure.code).retry === 'never';
}

/**
 * Why a cancelled order, or a tombstone, is one: what it keeps, never what this flow knows, so that every
 * answer under a key is the same.
 */
export function cancellation({ cancelReason, cancelDetails }: Order): Refusal {
  return readRefusal(cancelReason, cancelDetails);
}

const CARD_FIELDS: readonly unknown[] = [
  'holderName',
  'number',
  'expiryMonth',
  'expiryYear',
  'securityCode',
] satisfies (keyof Card)[];

/**
 * The refusal of a charge in our own words. It is kept with the order, and payment, an outside party, may
 * quote the card in its words: of them only the name of the field at fault goes on.
 */
export function chargeRefusal({ code, details: { field } }: Refusal): Refusal {
  return { ...refusal(code), details: CARD_FIELDS.includes(field) ? { field } : {} };
}

/** The same items in the same quantities at the same prices, in any order. */
export function sameLines(a: readonly ExpectedLine[], b: readonly ExpectedLine[]): boolean {
  const canonical = (lines: readonly ExpectedLine[]): string =>
    lines
      .map((line) => `${line.itemId}:${line.quantity}:${line.unitPriceMinor}:${line.currency}`)
      .sort()
      .join();
  return a.length === b.length && canonical(a) === canonical(b);
}
