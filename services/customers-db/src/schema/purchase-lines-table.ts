import type { TableSchema } from '@everopen/replica';

export type PurchaseLineRow = {
  readonly purchase_number: number;
  readonly line_number: number;
  readonly item_id: number;
  readonly seller_id: number;
  readonly name: string;
  readonly quantity: number;
  readonly unit_price_minor: number;
  readonly currency: string;
};

export const PURCHASE_LINES: TableSchema<PurchaseLineRow> = {
  name: 'purchase_lines',
  comment: 'What was bought, with names and prices as they were then.',
  columns: {
    purchase_number: { type: 'integer', check: 'purchase_number >= 1', comment: 'purchases.purchase_number' },
    line_number: { type: 'integer', check: 'line_number >= 1', comment: '1, 2, 3 … within the purchase' },
    item_id: { type: 'integer', check: 'item_id >= 1', comment: "The products database's item" },
    seller_id: { type: 'integer', check: 'seller_id >= 1', comment: 'accounts.account_id' },
    name: { type: 'text', comment: "The item's name" },
    quantity: { type: 'integer', check: 'quantity >= 1', comment: 'Units' },
    unit_price_minor: { type: 'integer', check: 'unit_price_minor >= 0', comment: 'Paid for each unit' },
    currency: { type: 'text', comment: 'ISO 4217' },
  },
  primaryKey: ['purchase_number', 'line_number'],
  resident: false,
};
