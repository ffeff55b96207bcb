import type { TableSchema } from '@everopen/replica';

export type OutboxRow = {
  readonly feedback_number: number;
  readonly item_id: number;
  readonly thumbs_up: number;
};

export const FEEDBACK_OUTBOX: TableSchema<OutboxRow> = {
  name: 'feedback_outbox',
  comment: 'Feedback on its way to the products database; a row goes when its delivery is acknowledged.',
  columns: {
    feedback_number: {
      type: 'integer',
      check: 'feedback_number >= 1',
      comment: '1, 2, 3 …: delivered in order',
    },
    item_id: { type: 'integer', check: 'item_id >= 1', comment: "The products database's item" },
    thumbs_up: {
      type: 'integer',
      check: 'thumbs_up IN (0, 1)',
      comment: '1 for thumbs up, 0 for thumbs down',
    },
  },
  primaryKey: ['feedback_number'],
  resident: true,
};
