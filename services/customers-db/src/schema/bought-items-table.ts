import type { TableSchema } from '@everopen/replica';

export type BoughtItemRow = {
  readonly buyer_id: number;
  readonly item_id: number;
  readonly seller_id: number;
  readonly thumbs_up: number | null;
};

export const BOUGHT_ITEMS: TableSchema<BoughtItemRow> = {
  name: 'bought_items',
  comment: 'Who may rate what, and how it was rated: one row for a buyer and an item, however often bought.',
  columns: {
    buyer_id: { type: 'integer', check: 'buyer_id >= 1', comment: 'accounts.account_id' },
    item_id: { type: 'integer', check: 'item_id >= 1', comment: "The products database's item" },
    seller_id: { type: 'integer', check: 'seller_id >= 1', comment: 'Whose rating the feedback counts for' },
    thumbs_up: {
      type: 'integer',
      nullable: true,
      check: 'thumbs_up IN (0, 1)',
      comment: 'Null until rated; then 1 for thumbs up, 0 for thumbs down, for ever',
    },
  },
  primaryKey: ['buyer_id', 'item_id'],
  resident: true,
};
