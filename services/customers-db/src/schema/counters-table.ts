import type { TableSchema } from '@everopen/replica';

export type CounterRow = {
  readonly name: string;
  readonly value: number;
};

export const COUNTERS: TableSchema<CounterRow> = {
  name: 'counters',
  comment: 'Numbers given so far, and how far queues were worked off.',
  columns: {
    name: { type: 'text', comment: 'What is counted' },
    value: { type: 'integer', check: 'value >= 0', comment: 'The last number given or done' },
  },
  primaryKey: ['name'],
  resident: true,
};
