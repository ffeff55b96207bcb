import type { TableSchema } from '@everopen/replica';

export type EndedCheckoutRow = {
  readonly checkout_key: string;
  readonly buyer_id: number;
  readonly state: number;
  readonly begun_at_ms: number;
  readonly order_id: number;
  readonly lines_digest: string;
  readonly ended_number: number;
  readonly forget_at_ms: number;
};

export const ENDED_CHECKOUTS: TableSchema<EndedCheckoutRow> = {
  name: 'ended_checkouts',
  comment: 'Keys that must not begin a second checkout. Forgotten once they are too old to begin one.',
  columns: {
    checkout_key: { type: 'text', comment: 'As it was in open_checkouts' },
    buyer_id: { type: 'integer', check: 'buyer_id >= 1', comment: 'accounts.account_id' },
    state: { type: 'integer', check: 'state IN (2, 3)', comment: '2 aborted, 3 recorded' },
    begun_at_ms: { type: 'integer', check: 'begun_at_ms >= 0', comment: 'Log time, Unix milliseconds' },
    order_id: { type: 'integer', check: 'order_id >= 0', comment: 'purchases.order_id; 0 if aborted' },
    lines_digest: { type: 'text', comment: 'As it was in open_checkouts' },
    ended_number: {
      type: 'integer',
      check: 'ended_number >= 1',
      comment: '1, 2, 3 … in the order of ending',
    },
    forget_at_ms: {
      type: 'integer',
      check: 'forget_at_ms >= 0',
      comment: "The key's time and 24 hours; at least an hour after the end",
    },
  },
  primaryKey: ['checkout_key'],
  resident: true,
};
