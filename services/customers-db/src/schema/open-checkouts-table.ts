import type { TableSchema } from '@everopen/replica';

export type OpenCheckoutRow = {
  readonly checkout_key: string;
  readonly buyer_id: number;
  readonly begun_at_ms: number;
  readonly lines_digest: string;
};

export const OPEN_CHECKOUTS: TableSchema<OpenCheckoutRow> = {
  name: 'open_checkouts',
  comment: 'Purchases under way. Their lines are in no cart.',
  columns: {
    checkout_key: {
      type: 'text',
      comment: 'UUIDv7, given by the client; the order and the charge have it too',
    },
    buyer_id: { type: 'integer', check: 'buyer_id >= 1', comment: 'accounts.account_id' },
    begun_at_ms: { type: 'integer', check: 'begun_at_ms >= 0', comment: 'Log time, Unix milliseconds' },
    lines_digest: { type: 'text', comment: 'Of items, quantities, prices and currencies: guards the key' },
  },
  primaryKey: ['checkout_key'],
  resident: true,
};
