import type { TableSchema } from '@everopen/replica';

export type PurchaseRow = {
  readonly purchase_number: number;
  readonly order_id: number;
  readonly checkout_key: string;
  readonly buyer_id: number;
  readonly begun_at_ms: number;
  readonly recorded_at_ms: number;
  readonly payment_reference: string;
};

export const PURCHASES: TableSchema<PurchaseRow> = {
  name: 'purchases',
  comment: 'The history: every paid order, once, for ever.',
  columns: {
    purchase_number: { type: 'integer', check: 'purchase_number >= 1', comment: '1, 2, 3 … as recorded' },
    order_id: { type: 'integer', check: 'order_id >= 1', comment: "The products database's order" },
    checkout_key: { type: 'text', comment: 'The key under which it was bought and charged' },
    buyer_id: { type: 'integer', check: 'buyer_id >= 1', comment: 'accounts.account_id' },
    begun_at_ms: { type: 'integer', check: 'begun_at_ms >= 0', comment: 'When the checkout began; log time' },
    recorded_at_ms: { type: 'integer', check: 'recorded_at_ms >= 0', comment: 'Log time, Unix milliseconds' },
    payment_reference: { type: 'text', comment: "The payment service's name for the charge" },
  },
  primaryKey: ['purchase_number'],
  resident: false,
  storeIndexes: [['buyer_id', 'order_id'], ['order_id'], ['checkout_key']],
};
