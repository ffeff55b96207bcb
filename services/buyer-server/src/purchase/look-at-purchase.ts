import type { PurchaseResult } from './purchase-state.ts';
import type { Checkout, Order } from './purchase-types.ts';
import { cancellation, refusal } from './refusals.ts';

/**
 * Where a purchase stands, without moving it; undefined if this buyer has none with this key. `checkout`
 * was read before `order`. Either may be missing: the order before it is placed, the checkout a day after
 * it has ended, when the customers database forgets its key.
 */
export function lookAtPurchase(
  buyerId: number,
  checkout: Checkout | undefined,
  order: Order | undefined,
): PurchaseResult | undefined {
  // A tombstone belongs to nobody: then the checkout tells.
  const owner = checkout ?? order;
  if (owner === undefined || owner.buyerId !== buyerId) return undefined;
  switch (order?.state) {
    case 'paid':
    case 'recorded':
      return { status: 'paid', order };
    case 'reserved':
      return { status: 'pending' };
    case 'cancelled':
      // Until the lines are back in the cart, the buyer is to wait for them.
      if (checkout?.state === 'open') return { status: 'pending' };
      return { status: 'refused', refusal: cancellation(order) };
    case undefined:
      break;
  }
  switch (checkout?.state) {
    case 'open':
      return { status: 'pending' };
    case 'aborted':
      // The tombstone went when the key expired.
      return { status: 'refused', refusal: refusal('KeyExpired') };
    default:
      return { status: 'contradiction', message: 'The checkout is recorded, and there is no order' };
  }
}
