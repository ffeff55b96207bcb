import { z } from 'zod';
import { CURRENCIES, isCurrency } from '../money/currency.ts';
import { LIMITS } from '../limits/limits.ts';

/** A whole number in a JSON body. JSON texts such as 1.5, 1e309 and "3" are refused, never rounded. */
export function wholeNumber(min: number, max: number) {
  const words = `Must be a whole number from ${min} to ${max}`;
  return z.int(words).min(min, words).max(max, words);
}

/**
 * A whole number in a path or a query, in plain decimal digits: no sign, no exponent, no leading zero, no
 * white space, so that one number has one spelling.
 */
export function decimalNumber(min: number, max: number) {
  const words = `Must be a whole number from ${min} to ${max}, in decimal digits`;
  return z
    .string(words)
    .max(16, words)
    .regex(/^(0|[1-9][0-9]*)$/, words)
    .transform(Number)
    .refine((value) => value >= min && value <= max, words)
    .meta({ type: 'integer', minimum: min, maximum: max });
}

export const idField = wholeNumber(1, Number.MAX_SAFE_INTEGER).meta({ example: 7 });
export const idInPath = decimalNumber(1, Number.MAX_SAFE_INTEGER);

/** Prices are whole numbers of the currency's minor unit: 1299 with EUR is 12.99 EUR. Never a fraction. */
export const priceField = wholeNumber(1, LIMITS.priceMaxMinor).meta({ example: 1299 });
export const unitsField = wholeNumber(1, LIMITS.unitsPerItem).meta({ example: 3 });
export const categoryField = wholeNumber(0, LIMITS.categories - 1).meta({ example: 4 });

export const currencyField = z
  .string()
  .max(3, 'Must be an ISO 4217 code')
  .refine(isCurrency, `Must be one of ${Object.keys(CURRENCIES).join(', ')}`)
  .meta({ enum: Object.keys(CURRENCIES), example: 'EUR' });

/** Sums of money and counters in answers. */
export const amount = z.int().min(0);
/** A moment: ISO 8601, UTC, milliseconds. */
export const moment = z.string().meta({ format: 'date-time', example: '2026-03-01T12:00:00.000Z' });

/** How many things a page of a list may hold. */
export const pageLimit = decimalNumber(1, LIMITS.pageMax).optional();
/** Where the next page begins, as the page before said. */
export const cursorField = z
  .string()
  .min(1, 'Must be a cursor that a page before gave')
  .max(256, 'Must be a cursor that a page before gave')
  .regex(/^[A-Za-z0-9._~:=-]+$/, 'Must be a cursor that a page before gave')
  .optional();
/** `null`: there is no further page. */
export const nextCursor = z.string().nullable();
