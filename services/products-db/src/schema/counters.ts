import type { TableSchema } from '@everopen/replica';

export type CounterName =
  | 'items'
  | 'orders'
  | 'tombstones'
  | 'feedback_counted'
  | 'orders_retired'
  | 'tombstones_retired'
  | 'refusal_bytes_held';

export type CounterRow = { readonly name: CounterName; readonly value: number };

export const COUNTERS: TableSchema<CounterRow> = {
  name: 'counters',
  comment: 'One row a counter: the last id given out, the last number handled, the bytes held.',
  columns: {
    name: {
      type: 'text',
      comment:
        'items, orders, tombstones: last id; feedback_counted: last number; …_retired: looked at up to here; refusal_bytes_held: sum over the rows in memory.',
    },
    value: { type: 'integer', check: 'value >= 0', comment: 'Grows only, but for refusal_bytes_held.' },
  },
  primaryKey: ['name'],
  resident: true,
};
