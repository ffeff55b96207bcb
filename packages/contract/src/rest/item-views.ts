import { Condition as ConditionNumber } from '../proto/products.ts';
import type { Item as ItemMessage } from '../proto/products.ts';
import type { Condition, Item, SellerItem } from './item-schemas.ts';

export const CONDITION_NUMBERS = {
  new: ConditionNumber.NEW,
  used: ConditionNumber.USED,
} as const satisfies Record<Condition, ConditionNumber>;

export function conditionOf(condition: ConditionNumber): Condition {
  return condition === ConditionNumber.NEW ? 'new' : 'used';
}

/** What everybody sees of an item that the products database answered with. */
export function itemOf(message: ItemMessage): Item {
  return {
    itemId: message.itemId,
    sellerId: message.sellerId,
    name: message.name,
    category: message.category,
    keywords: message.keywords,
    condition: conditionOf(message.condition),
    priceMinor: message.priceMinor,
    currency: message.currency,
    available: message.available,
    thumbsUp: message.thumbsUp,
    thumbsDown: message.thumbsDown,
    listedAt: new Date(message.listedAtUnixMs).toISOString(),
  };
}

/** What its seller sees. */
export function sellerItemOf(message: ItemMessage): SellerItem {
  return { ...itemOf(message), reserved: message.reserved, sold: message.sold };
}
