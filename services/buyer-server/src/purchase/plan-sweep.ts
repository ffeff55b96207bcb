import type { PurchaseTask } from './purchase-state.ts';
import type { PurchaseSettings } from './purchase-settings.ts';
import type { Checkout, Order } from './purchase-types.ts';

type Deadlines = Pick<PurchaseSettings, 'reservationMs' | 'recordWithinMs'>;

/**
 * What a sweeper does about unfinished orders: those that are `paid` are recorded soon, and first, since
 * that needs no payment service; those that are `reserved` are voided once the buyer had his time.
 * `logTimeUnixMs` is the products database's: no server's clock decides.
 */
export function planOrderSweep(
  orders: readonly Order[],
  logTimeUnixMs: number,
  deadlines: Deadlines,
): PurchaseTask[] {
  const olderThan = (state: Order['state'], ageMs: number): Order[] =>
    orders.filter((order) => order.state === state && logTimeUnixMs - order.placedAtUnixMs >= ageMs);
  return [
    ...olderThan('paid', deadlines.recordWithinMs),
    ...olderThan('reserved', deadlines.reservationMs),
  ].map((order) => ({ mode: 'order-sweep', key: order.orderKey, order }));
}

/** Open checkouts that are old enough. Those that turn out to have a reserved order are left to it. */
export function planCheckoutSweep(
  checkouts: readonly Checkout[],
  logTimeUnixMs: number,
  deadlines: Deadlines,
): PurchaseTask[] {
  return checkouts
    .filter((checkout) => logTimeUnixMs - checkout.begunAtUnixMs >= deadlines.reservationMs)
    .map((checkout) => ({ mode: 'checkout-sweep', key: checkout.checkoutKey }));
}
