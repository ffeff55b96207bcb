import type { TableSchema } from '@everopen/replica';

export type CheckoutLineRow = {
  readonly checkout_key: string;
  readonly line_number: number;
  readonly item_id: number;
  readonly quantity: number;
  readonly unit_price_minor: number;
  readonly currency: string;
};

export const CHECKOUT_LINES: TableSchema<CheckoutLineRow> = {
  name: 'checkout_lines',
  comment: 'What open checkouts hold. They go back to the cart or on to purchase_lines.',
  columns: {
    checkout_key: { type: 'text', comment: 'open_checkouts.checkout_key' },
    line_number: { type: 'integer', check: 'line_number >= 1', comment: '1, 2, 3 … as the buyer saw them' },
    item_id: { type: 'integer', check: 'item_id >= 1', comment: "The products database's item" },
    quantity: { type: 'integer', check: 'quantity >= 1', comment: 'Units' },
    unit_price_minor: { type: 'integer', check: 'unit_price_minor >= 0', comment: 'What the buyer saw' },
    currency: { type: 'text', comment: 'ISO 4217' },
  },
  primaryKey: ['checkout_key', 'line_number'],
  resident: true,
};
