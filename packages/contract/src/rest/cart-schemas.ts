import { z } from 'zod';
import { LIMITS } from '../limits/limits.ts';
import { conditionSchema } from './item-schemas.ts';
import { amount, decimalNumber, idField, wholeNumber } from './number-fields.ts';

const cartQuantity = wholeNumber(1, LIMITS.unitsPerCartLine).meta({ example: 2 });

export const addToCartRequest = z
  .strictObject({ itemId: idField, quantity: cartQuantity })
  .meta({ id: 'AddToCartRequest' });
/** 0 removes the line. */
export const setCartLineRequest = z
  .strictObject({ quantity: wholeNumber(0, LIMITS.unitsPerCartLine).meta({ example: 2 }) })
  .meta({ id: 'SetCartLineRequest' });
/** How many to take out of the line; the whole line if left out. */
export const removeFromCartQuery = z.strictObject({
  quantity: decimalNumber(1, LIMITS.unitsPerCartLine).optional(),
});

export const cartLineAnswer = z
  .object({
    itemId: idField,
    sellerId: idField,
    name: z.string(),
    condition: conditionSchema,
    quantity: amount,
    unitPriceMinor: amount.meta({ description: 'The price now; an order must name it' }),
    currency: z.string(),
    lineTotalMinor: amount,
    available: amount.meta({ description: 'Units for sale now; an order for more is OutOfStock' }),
  })
  .meta({ id: 'CartLine' });

export const cartAnswer = z
  .object({
    lines: z.array(cartLineAnswer).meta({ description: 'In the order in which items were first added' }),
    totals: z
      .array(z.object({ currency: z.string(), totalMinor: amount }))
      .meta({ description: 'One for each currency; an order has one currency' }),
    orderable: z
      .boolean()
      .meta({ description: 'There are lines, enough of each is for sale, and the currency is one' }),
  })
  .meta({ id: 'Cart' });

export type AddToCartRequest = z.infer<typeof addToCartRequest>;
export type SetCartLineRequest = z.infer<typeof setCartLineRequest>;
export type CartLine = z.infer<typeof cartLineAnswer>;
export type Cart = z.infer<typeof cartAnswer>;
