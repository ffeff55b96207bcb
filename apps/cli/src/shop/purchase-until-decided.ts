import { type BuyerClient, linesOf, makeKey } from '@everopen/client';
import type { Card, Cart, Purchase } from '@everopen/contract/rest';
import { CodedError } from '@everopen/core';

const REPEATS_MAX = 5;
const REPEAT_EVERY_MS = 1_000;

/**
 * Buys what the cart showed. While payment has not answered, the purchase is repeated under the same key, so
 * that the card is charged at most once; what is still pending after that settles by itself.
 */
export async function purchaseUntilDecided(client: BuyerClient, cart: Cart, card: Card): Promise<Purchase> {
  if (cart.lines.length === 0) throw new CodedError('CartEmpty', 'There is nothing in the cart');
  const key = makeKey();
  const request = { lines: linesOf(cart), card };
  for (let repeat = 0; ; repeat++) {
    const purchase = await client.purchase(request, { key });
    if (purchase.state !== 'pending' || repeat === REPEATS_MAX) return purchase;
    await new Promise((resolve) => setTimeout(resolve, REPEAT_EVERY_MS));
  }
}
