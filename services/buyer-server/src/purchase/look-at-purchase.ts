import { cancellation, refusal } from './refusals.ts';
import type { PurchaseResult } from './purchase-state.ts';
import type { Checkout, Order } from './purchase-types.ts';

/** Where a purchase stands, from its checkout and then its order, without moving it. */
export function lookAtPurchase(checkout: Checkout, order: Order | undefined): PurchaseResult {
  if (order !== undefined && (order.state === 'paid' || order.state === 'recorded')) {
    return { status: 'paid', order };
  }
  switch (checkout.state) {
    // Refused or not: until the lines are back in the cart, the buyer is to wait for it.
    case 'open':
      return { status: 'pending' };
    case 'aborted':
      return {
        status: 'refused',
        refusal: order?.state === 'cancelled' ? cancellation(order) : refusal('OrderAborted'),
      };
    case 'recorded':
      return {
        status: 'contradiction',
        message: `Purchase ${checkout.checkoutKey} is recorded, and its order is ${order?.state ?? 'missing'}`,
      };
  }
}
