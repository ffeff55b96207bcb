import { CheckoutState } from '@everopen/contract/customers';
import { OrderState, type Order } from '@everopen/contract/products';
import { readRefusal } from '../../src/purchase/refusal-details.ts';
import type { PurchaseLineRow } from '../../../customers-db/src/schema/purchase-lines-table.ts';
import type { PurchaseRow } from '../../../customers-db/src/schema/purchases-table.ts';
import type { OrderRow } from '../../../products-db/src/schema/orders.ts';
import { orderMessage } from '../../../products-db/src/machine/messages.ts';
import { findOrder } from './databases.ts';
import type { Shop } from './shop.ts';
import type { Story } from './story.ts';

/** What holds at each moment, about one key: what was decided stays decided, and money and goods agree. */
export function checkAlways({ databases, payment }: Shop, key: string): void {
  const order = findOrder(databases.productsState, key);
  const entry = payment.ledger.get(key);
  const ended = databases.customersState.endedCheckouts.get(key)?.state;
  const isPaid = order?.state === OrderState.PAID || order?.state === OrderState.RECORDED;
  const isCancelled = order?.state === OrderState.CANCELLED;

  if (entry?.outcome === 'charged') {
    claim(order !== undefined, `${key}: charged, and there is no order`);
    claim(!isCancelled, `${key}: charged, and the order is cancelled`);
    claim(entry.amountMinor === order.totalMinor, `${key}: charged is not what the order says`);
  }
  if (isPaid) {
    claim(entry?.outcome === 'charged', `${key}: paid, and payment says ${entry?.outcome}`);
    claim(entry.reference === order.paymentReference, `${key}: paid with another reference`);
  }
  if (ended === CheckoutState.ABORTED) claim(isCancelled, `${key}: lines are back, and the order may come`);
  if (ended === CheckoutState.RECORDED) claim(isPaid, `${key}: in the history, and not paid`);
  if (order?.state === OrderState.RECORDED) {
    claim(ended === CheckoutState.RECORDED, `${key}: the order is recorded, and not in the history`);
  }
  for (const { itemId } of order?.lines ?? []) {
    const item = databases.productsState.items.get(itemId);
    claim(item !== undefined && item.available >= 0 && item.reserved >= 0, `item ${itemId} is oversold`);
  }
}

/** What holds once the faults have ended and the sweepers had their time. */
export function checkAtRest(shop: Shop, stories: readonly Story[], carts: Carts): void {
  const { databases, payment } = shop;
  const { customersState, productsState } = databases;
  const orders: Order[] = [
    ...productsState.orders.values(),
    ...databases.productsHarness.rows<OrderRow>('archived_orders'),
  ].map(orderMessage);
  const purchases = databases.customersHarness.rows<PurchaseRow>('purchases');
  const boughtLines = databases.customersHarness.rows<PurchaseLineRow>('purchase_lines');

  claim(customersState.openCheckouts.size === 0, 'a checkout is still open');
  claim(new Set(orders.map((order) => order.orderKey)).size === orders.length, 'two orders have one key');
  for (const order of orders) {
    checkAlways(shop, order.orderKey);
    const isDone = order.state === OrderState.RECORDED || order.state === OrderState.CANCELLED;
    claim(isDone, `order ${order.orderId} is neither recorded nor cancelled`);
  }

  // Money: charges and recorded orders, one to one.
  const recorded = orders.filter((order) => order.state === OrderState.RECORDED);
  const charged = [...payment.ledger.values()].filter((entry) => entry.outcome === 'charged');
  claim(charged.length === recorded.length, `${charged.length} charges for ${recorded.length} orders`);
  for (const key of payment.ledger.keys()) checkAlways(shop, key);

  // History: every recorded order exactly once, with the same lines.
  claim(purchases.length === recorded.length, `${purchases.length} purchases of ${recorded.length} orders`);
  const purchaseOf = new Map(purchases.map((purchase) => [purchase.order_id, purchase]));
  claim(purchaseOf.size === purchases.length, 'an order is in the history twice');
  for (const order of recorded) {
    const purchase = purchaseOf.get(order.orderId);
    claim(purchase?.checkout_key === order.orderKey, `order ${order.orderId} is not in the history`);
    claim(purchase.buyer_id === order.buyerId, `order ${order.orderId} is in another's history`);
    claim(purchase.payment_reference === order.paymentReference, 'the history has another reference');
  }

  // Stock: every unit is for sale or sold, and what is sold is in recorded orders.
  const soldOf = sumBy(
    recorded.flatMap((order) => order.lines),
    (line) => line.itemId,
  );
  for (const item of productsState.items.values()) {
    const id = item.item_id;
    claim(item.reserved === 0, `item ${id} has reserved units without an order`);
    claim(item.sold === (soldOf.get(id) ?? 0), `item ${id}: ${item.sold} sold, ${soldOf.get(id)} in orders`);
    claim(
      item.initial + item.added === item.available + item.reserved + item.sold + item.removed,
      `item ${id}: units do not add up`,
    );
  }

  // Carts: what was put in is still in, was taken out by the buyer, or was bought.
  const bought = new Map(purchases.map((purchase) => [purchase.purchase_number, purchase.buyer_id]));
  const boughtOf = sumBy(
    boughtLines.map((line) => ({ ...line, buyerId: bought.get(line.purchase_number) })),
    (line) => cartKey(line.buyerId ?? 0, line.item_id),
  );
  for (const [key, put] of carts.put) {
    const [buyerId = 0, itemId = 0] = key.split(' ').map(Number);
    const inCart = customersState.cartLines.get(buyerId, itemId)?.quantity ?? 0;
    const taken = carts.taken.get(key) ?? 0;
    claim(
      put === inCart + taken + (boughtOf.get(key) ?? 0),
      `buyer ${buyerId} put ${put} of item ${itemId} in the cart: ${inCart} in it, ${taken} taken out, ${boughtOf.get(key) ?? 0} bought`,
    );
  }

  // Counters follow the history.
  for (const account of customersState.accounts.values()) {
    const units = boughtLines
      .filter((line) => bought.get(line.purchase_number) === account.account_id)
      .reduce((sum, line) => sum + line.quantity, 0);
    claim(account.items_bought === units, `buyer ${account.account_id} has ${account.items_bought} units`);
  }
  const soldBySeller = sumBy(boughtLines, (line) => line.seller_id);
  for (const [sellerId, units] of soldBySeller) {
    const counted = customersState.sellerRatings.get(sellerId)?.items_sold;
    claim(counted === units, `seller ${sellerId} sold ${units}, counted ${counted}`);
  }
  checkFeedback(shop);
  for (const story of stories) checkStory(shop, story, purchaseOf);
}

/** What a buyer was told is what happened. */
function checkStory(shop: Shop, story: Story, purchaseOf: ReadonlyMap<number, PurchaseRow>): void {
  const { key, paid, refused } = story;
  if (paid !== undefined) {
    const purchase = purchaseOf.get(paid.orderId);
    claim(purchase?.checkout_key === key, `${key}: the buyer was told "paid", and it is not in the history`);
    const order = findOrder(shop.databases.productsState, key);
    claim(order?.orderId === paid.orderId, `${key}: another order than the buyer was told`);
    const seen = story.lines.reduce((sum, line) => sum + line.quantity * line.unitPriceMinor, 0);
    claim(order.totalMinor === seen, `${key}: the buyer saw ${seen} and paid ${order.totalMinor}`);
  }
  if (refused !== undefined) {
    claim(paid === undefined, `${key}: the buyer was told "paid" and ${refused}`);
    const charged = shop.payment.ledger.get(key)?.outcome === 'charged';
    claim(!charged, `${key}: refused as ${refused}, and charged`);
  }
  if (story.refusal !== undefined) {
    const order = findOrder(shop.databases.productsState, key);
    claim(order?.state === OrderState.CANCELLED, `${key}: refused for ever, and nothing keeps it so`);
    const kept = readRefusal(order.cancelReason, order.cancelDetails);
    const same = JSON.stringify(kept) === JSON.stringify(story.refusal);
    claim(same, `${key}: told ${JSON.stringify(story.refusal)}, and ${JSON.stringify(kept)} is kept`);
  }
}

/** The outbox is empty, and the items have as many thumbs as the buyers gave. */
function checkFeedback({ databases }: Shop): void {
  claim(databases.customersState.outbox.size === 0, 'feedback was not delivered');
  const thumbs = (rows: Iterable<{ thumbs_up: number | null; thumbs_down?: number }>): number =>
    [...rows].reduce((sum, row) => sum + (row.thumbs_up ?? 0) + (row.thumbs_down ?? 0), 0);
  const onItems = thumbs(databases.productsState.items.values());
  const onSellers = thumbs(databases.customersState.sellerRatings.values());
  claim(onItems === onSellers, `${onItems} thumbs on items, ${onSellers} on sellers`);
}

/** What buyers did to their carts themselves, in units by `cartKey`. */
export interface Carts {
  readonly put: Map<string, number>;
  readonly taken: Map<string, number>;
}

export function cartKey(buyerId: number, itemId: number): string {
  return `${buyerId} ${itemId}`;
}

export function addUnits(sums: Map<string, number>, key: string, units: number): void {
  sums.set(key, (sums.get(key) ?? 0) + units);
}

function sumBy<Row extends { readonly quantity: number }, Key>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): Map<Key, number> {
  const sums = new Map<Key, number>();
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.quantity);
  return sums;
}

export function claim(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
