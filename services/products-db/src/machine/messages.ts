import type { Condition, Item, Order, OrderState } from '@everopen/contract/products';
import { OrderState as State } from '@everopen/contract/products';
import type { ItemRow } from '../schema/items.ts';
import type { OrderRow, TombstoneRow } from '../schema/orders.ts';
import { keywordsOf } from './follow-in-search.ts';
import { readLines } from './order-lines.ts';

export function itemMessage(row: ItemRow): Item {
  return {
    itemId: row.item_id,
    sellerId: row.seller_id,
    name: row.name,
    category: row.category,
    keywords: keywordsOf(row),
    condition: row.condition as Condition,
    priceMinor: row.price_minor,
    currency: row.currency,
    available: row.available,
    reserved: row.reserved,
    sold: row.sold,
    initial: row.initial,
    added: row.added,
    removed: row.removed,
    thumbsUp: row.thumbs_up,
    thumbsDown: row.thumbs_down,
    listedAtUnixMs: row.listed_at_ms,
  };
}

export function orderMessage(row: OrderRow): Order {
  return {
    orderId: row.order_id,
    orderKey: row.order_key,
    buyerId: row.buyer_id,
    state: row.state as OrderState,
    lines: readLines(row).map((line) => ({
      itemId: line.itemId,
      quantity: line.quantity,
      unitPriceMinor: line.unitPriceMinor,
      currency: row.currency,
      sellerId: line.sellerId,
      name: line.name,
    })),
    totalMinor: row.total_minor,
    currency: row.currency,
    placedAtUnixMs: row.placed_at_ms,
    paymentReference: row.payment_reference ?? '',
    cancelReason: row.cancel_reason ?? '',
    cancelDetails: row.cancel_details ?? '',
  };
}

/**
 * The order that never was: called off before it was placed. Without a row its key has expired: no tombstone
 * is kept, since the key is refused anyway.
 */
export function tombstoneMessage(orderKey: string, row: TombstoneRow | undefined): Order {
  return {
    orderId: 0,
    orderKey,
    buyerId: 0,
    state: State.CANCELLED,
    lines: [],
    totalMinor: 0,
    currency: '',
    placedAtUnixMs: 0,
    paymentReference: '',
    cancelReason: row === undefined ? 'KeyExpired' : (row.reason ?? 'OrderAborted'),
    cancelDetails: row?.reason_details ?? '',
  };
}
