import { z } from 'zod';
import { LIMITS } from '../limits/limits.ts';
import {
  amount,
  currencyField,
  idField,
  moment,
  nextCursor,
  priceField,
  wholeNumber,
} from './number-fields.ts';

/** One line of the order, with the price that the buyer saw: a changed price refuses the order. */
export const expectedLineSchema = z
  .strictObject({
    itemId: idField,
    quantity: wholeNumber(1, LIMITS.unitsPerCartLine).meta({ example: 2 }),
    unitPriceMinor: priceField,
    currency: currencyField,
  })
  .meta({ id: 'ExpectedLine' });

/** Checked by the payment service's own rules, then handed on; neither stored nor logged here. */
export const cardSchema = z
  .strictObject({
    holderName: z.string().max(128, 'Must have at most 64 characters').meta({ example: 'Ada Lovelace' }),
    number: z.string().max(32, 'Must have 12 to 19 digits').meta({ example: '4111 1111 1111 1111' }),
    expiryMonth: wholeNumber(1, 12).meta({ example: 12 }),
    expiryYear: wholeNumber(1000, 9999).meta({ example: 2030 }),
    securityCode: z.string().max(4, 'Must have 3 or 4 digits').meta({ example: '123' }),
  })
  .meta({ id: 'Card' });

export const purchaseRequest = z
  .strictObject({
    lines: z
      .array(expectedLineSchema)
      .min(1, 'Must hold the lines of the cart')
      .max(LIMITS.cartLines, `Must hold at most ${LIMITS.cartLines} lines`)
      .meta({ description: 'Exactly the lines that the cart shows' }),
    card: cardSchema,
  })
  .meta({ id: 'PurchaseRequest' });

export const purchasedLineSchema = z
  .object({
    itemId: idField,
    sellerId: idField.nullable().meta({ description: 'null while the order is not placed' }),
    name: z.string().nullable().meta({ description: 'null while the order is not placed' }),
    quantity: amount,
    unitPriceMinor: amount,
    currency: z.string(),
    lineTotalMinor: amount,
  })
  .meta({ id: 'PurchasedLine' });

/**
 * `paid`: the order stands. `pending`: payment has not answered yet; repeat the call with the same key, or
 * look at `link`. `refused`: called off for ever, for the reason in `code`; nothing was charged.
 */
export const purchaseStateSchema = z.enum(['paid', 'pending', 'refused']);

export const purchaseAnswer = z
  .object({
    state: purchaseStateSchema,
    key: z.string().meta({ description: 'The idempotency key of the purchase' }),
    link: z.string().meta({ description: 'Where to look at it again' }),
    orderId: idField.nullable().meta({ description: 'null while the order is not placed' }),
    lines: z.array(purchasedLineSchema),
    totalMinor: amount,
    currency: z.string(),
    at: moment.nullable(),
    paymentReference: z.string().nullable(),
    code: z.string().nullable().meta({ description: 'Why it was refused: a row of the error table' }),
  })
  .meta({ id: 'Purchase' });

export const purchaseKeyInPath = z.strictObject({ key: z.uuidv7('Must be a version 7 UUID') });
export const purchasesAnswer = z
  .object({ purchases: z.array(purchaseAnswer), nextCursor })
  .meta({ id: 'Purchases' });

export type ExpectedLine = z.infer<typeof expectedLineSchema>;
export type Card = z.infer<typeof cardSchema>;
export type PurchaseRequest = z.infer<typeof purchaseRequest>;
export type PurchasedLine = z.infer<typeof purchasedLineSchema>;
export type PurchaseState = z.infer<typeof purchaseStateSchema>;
export type Purchase = z.infer<typeof purchaseAnswer>;
export type Purchases = z.infer<typeof purchasesAnswer>;
