import type { TableSchema } from '@everopen/replica';

export type SessionRow = {
  readonly session_key: string;
  readonly session_number: number;
  readonly account_id: number;
  readonly opened_at_ms: number;
  readonly last_active_at_ms: number;
  readonly stamp_number: number;
  readonly label: string;
};

export const SESSIONS: TableSchema<SessionRow> = {
  name: 'sessions',
  comment:
    'Sessions that have not ended. One that is idle for too long is refused at once, and deleted soon.',
  columns: {
    session_key: { type: 'text', comment: 'SHA-256 of the secret in the token, hexadecimal' },
    session_number: { type: 'integer', check: 'session_number >= 1', comment: 'Public name of the session' },
    account_id: { type: 'integer', check: 'account_id >= 1', comment: 'accounts.account_id' },
    opened_at_ms: { type: 'integer', check: 'opened_at_ms >= 0', comment: 'Log time, Unix milliseconds' },
    last_active_at_ms: {
      type: 'integer',
      check: 'last_active_at_ms >= opened_at_ms',
      comment: 'Log time; stamped at most every 30 s',
    },
    stamp_number: {
      type: 'integer',
      check: 'stamp_number >= 1',
      comment: 'Counts all stamps of all sessions: sorted by it, the longest idle come first',
    },
    label: { type: 'text', comment: "The client's own name; at most 64 characters" },
  },
  primaryKey: ['session_key'],
  resident: true,
};
