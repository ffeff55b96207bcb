import type { Cart, ExpectedLine } from '@everopen/contract/rest';

/** The lines of an order for all that the cart shows, at the prices it shows. */
export function linesOf(cart: Cart): ExpectedLine[] {
  return cart.lines.map(({ itemId, quantity, unitPriceMinor, currency }) => ({
    itemId,
    quantity,
    unitPriceMinor,
    currency,
  }));
}
