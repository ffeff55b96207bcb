import { Role, type SellerRating } from '@everopen/contract/customers';
import type { SellerRatingRow } from '../schema/seller-ratings-table.ts';
import type { CustomersState } from './customers-state.ts';
import { notFound } from './refusals.ts';

/** What everybody may know of a seller; zeros before the first sale. */
export function getSellerRating(state: CustomersState, sellerId: number): SellerRating {
  const account = state.accounts.get(sellerId);
  if (account === undefined || account.role !== Role.SELLER) throw notFound('seller_id', 'seller');
  const row = ratingOf(state, sellerId);
  return {
    sellerId,
    thumbsUp: row.thumbs_up,
    thumbsDown: row.thumbs_down,
    itemsSold: row.items_sold,
    displayName: account.display_name,
  };
}

/**
 * Sellers are not looked up here: whose item was sold is the products database's knowledge, and a paid
 * order is recorded whatever it says.
 */
export function countItemsSold(state: CustomersState, sellerId: number, units: number): void {
  const row = ratingOf(state, sellerId);
  state.sellerRatings.put({ ...row, items_sold: row.items_sold + units });
}

export function countThumb(state: CustomersState, sellerId: number, thumbsUp: boolean): void {
  const row = ratingOf(state, sellerId);
  state.sellerRatings.put(
    thumbsUp ? { ...row, thumbs_up: row.thumbs_up + 1 } : { ...row, thumbs_down: row.thumbs_down + 1 },
  );
}

function ratingOf(state: CustomersState, sellerId: number): SellerRatingRow {
  return (
    state.sellerRatings.get(sellerId) ?? { seller_id: sellerId, thumbs_up: 0, thumbs_down: 0, items_sold: 0 }
  );
}
