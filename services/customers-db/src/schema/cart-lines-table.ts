import type { TableSchema } from '@everopen/replica';

export type CartLineRow = {
  readonly buyer_id: number;
  readonly item_id: number;
  readonly quantity: number;
  readonly line_number: number;
};

export const CART_LINES: TableSchema<CartLineRow> = {
  name: 'cart_lines',
  comment: 'What is in the carts. A cart belongs to a buyer, not to a session, and survives logout.',
  columns: {
    buyer_id: { type: 'integer', check: 'buyer_id >= 1', comment: 'accounts.account_id' },
    item_id: { type: 'integer', check: 'item_id >= 1', comment: "The products database's item" },
    quantity: { type: 'integer', check: 'quantity >= 1', comment: 'Units' },
    line_number: {
      type: 'integer',
      check: 'line_number >= 1',
      comment: 'Sorts the lines of one cart as they were first added',
    },
  },
  primaryKey: ['buyer_id', 'item_id'],
  resident: true,
};
