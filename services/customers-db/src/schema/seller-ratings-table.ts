import type { TableSchema } from '@everopen/replica';

export type SellerRatingRow = {
  readonly seller_id: number;
  readonly thumbs_up: number;
  readonly thumbs_down: number;
  readonly items_sold: number;
};

export const SELLER_RATINGS: TableSchema<SellerRatingRow> = {
  name: 'seller_ratings',
  comment: 'Counters of sellers who have sold something; others have no row.',
  columns: {
    seller_id: { type: 'integer', check: 'seller_id >= 1', comment: 'accounts.account_id' },
    thumbs_up: { type: 'integer', check: 'thumbs_up >= 0', comment: 'Ratings' },
    thumbs_down: { type: 'integer', check: 'thumbs_down >= 0', comment: 'Ratings' },
    items_sold: { type: 'integer', check: 'items_sold >= 0', comment: 'Units in recorded purchases' },
  },
  primaryKey: ['seller_id'],
  resident: true,
};
