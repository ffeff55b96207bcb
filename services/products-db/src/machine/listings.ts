import { LIMITS } from '@everopen/contract';
import {
  Item,
  ListItemResponse,
  type ChangePriceRequest,
  type ChangeUnitsRequest,
  type ListItemRequest,
} from '@everopen/contract/products';
import { CodedError } from '@everopen/core';
import type { ApplyContext } from '@everopen/replica';
import type { ItemRow } from '../schema/items.ts';
import { checkListing, checkPriceChange, checkUnitsChange } from '../validation/listing.ts';
import { changeItem } from './change-item.ts';
import { listingKey } from './listing-key.ts';
import { itemMessage } from './messages.ts';
import { nextId, type ProductsState } from './products-state.ts';

/**
 * Puts an item for sale (M7). A listing equal to one the seller has already — sold out and delisted ones
 * too — grows that one instead (M9); of several equal ones, which edits can make, the oldest.
 */
export function listItem(state: ProductsState, request: ListItemRequest, context: ApplyContext): Uint8Array {
  const listing = checkListing(request);
  const fields = {
    seller_id: listing.sellerId,
    name: listing.name,
    category: listing.category,
    keywords: listing.keywords.join(' '),
    condition: listing.condition,
    price_minor: listing.priceMinor,
    currency: listing.currency,
  };
  const [equal] = state.itemsByListing.get(listingKey(fields));
  if (equal !== undefined) return listed(addTo(state, equal, listing.quantity), true);
  countListing(state, listing.sellerId);
  const item: ItemRow = {
    item_id: nextId(state, 'items'),
    ...fields,
    available: listing.quantity,
    reserved: 0,
    sold: 0,
    initial: listing.quantity,
    added: 0,
    removed: 0,
    thumbs_up: 0,
    thumbs_down: 0,
    listed_at_ms: context.nowMs,
  };
  changeItem(state, undefined, item);
  return listed(item, false);
}

/** M8. Orders that are placed keep the price they were placed at. */
export function changePrice(state: ProductsState, request: ChangePriceRequest): Uint8Array {
  const { sellerId, itemId, priceMinor } = checkPriceChange(request);
  const before = ownItem(state, sellerId, itemId);
  const after = { ...before, price_minor: priceMinor };
  if (before.price_minor !== priceMinor) changeItem(state, before, after);
  return answer(after);
}

export function addUnits(state: ProductsState, request: ChangeUnitsRequest): Uint8Array {
  const { sellerId, itemId, quantity } = checkUnitsChange(request);
  return answer(addTo(state, ownItem(state, sellerId, itemId), quantity));
}

/** Takes units from sale; with none left the item is delisted. Reserved units are the buyers' already. */
export function removeUnits(state: ProductsState, request: ChangeUnitsRequest): Uint8Array {
  const { sellerId, itemId, quantity } = checkUnitsChange(request);
  const before = ownItem(state, sellerId, itemId);
  const { available } = before;
  if (quantity > available) {
    throw new CodedError('NotEnoughUnits', `Only ${available} units of item ${itemId} are for sale`, {
      details: { itemId, requested: quantity, available },
    });
  }
  const after = { ...before, available: available - quantity, removed: before.removed + quantity };
  changeItem(state, before, after);
  return answer(after);
}

/** The item, if there is one: never deleted, so an id that was given out stays known. */
export function knownItem(state: ProductsState, itemId: number): ItemRow {
  const item = state.items.get(itemId);
  if (item === undefined) {
    throw new CodedError('NotFound', `There is no item ${itemId}`, { details: { itemId } });
  }
  return item;
}

function ownItem(state: ProductsState, sellerId: number, itemId: number): ItemRow {
  const item = knownItem(state, itemId);
  if (item.seller_id !== sellerId) {
    throw new CodedError('NotOwner', `Item ${itemId} belongs to another seller`, { details: { itemId } });
  }
  return item;
}

function addTo(state: ProductsState, before: ItemRow, quantity: number): ItemRow {
  // Reserved units count: a cancelled order gives them back, and then the limit must still hold.
  const room = LIMITS.unitsPerItem - before.available - before.reserved;
  if (quantity > room) {
    throw new CodedError('QuotaExceeded', `Item ${before.item_id} has room for ${room} more units`, {
      details: { limit: 'unitsPerItem', max: LIMITS.unitsPerItem, itemId: before.item_id, room },
    });
  }
  const after = { ...before, available: before.available + quantity, added: before.added + quantity };
  changeItem(state, before, after);
  return after;
}

function countListing(state: ProductsState, sellerId: number): void {
  const seller = state.sellers.get(sellerId) ?? {
    seller_id: sellerId,
    items_listed: 0,
    units_sold: 0,
    orders_paid: 0,
  };
  if (seller.items_listed >= LIMITS.itemsPerSeller) {
    throw new CodedError('QuotaExceeded', `A seller lists at most ${LIMITS.itemsPerSeller} items`, {
      details: { limit: 'itemsPerSeller', max: LIMITS.itemsPerSeller },
    });
  }
  state.sellers.put({ ...seller, items_listed: seller.items_listed + 1 });
}

function listed(item: ItemRow, merged: boolean): Uint8Array {
  return ListItemResponse.encode({ item: itemMessage(item), merged }).finish();
}

function answer(item: ItemRow): Uint8Array {
  return Item.encode(itemMessage(item)).finish();
}
