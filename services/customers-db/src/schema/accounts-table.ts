import type { TableSchema } from '@everopen/replica';

export type AccountRow = {
  readonly account_id: number;
  readonly role: number;
  readonly username: string;
  readonly display_name: string;
  readonly password_hash: string;
  readonly password_version: number;
  readonly created_at_ms: number;
  readonly items_bought: number;
};

export const ACCOUNTS: TableSchema<AccountRow> = {
  name: 'accounts',
  comment: 'Sellers and buyers. Accounts are never deleted.',
  columns: {
    account_id: { type: 'integer', check: 'account_id >= 1', comment: 'One series for both roles' },
    role: { type: 'integer', check: 'role IN (1, 2)', comment: '1 seller, 2 buyer' },
    username: {
      type: 'text',
      check: "username <> ''",
      comment: 'Unique within the role; 1 to 32 characters',
    },
    display_name: { type: 'text', check: "display_name <> ''", comment: 'Not unique; 1 to 32 characters' },
    password_hash: { type: 'text', comment: 'argon2id, PHC string' },
    password_version: { type: 'integer', check: 'password_version >= 1', comment: 'Grows with each change' },
    created_at_ms: { type: 'integer', check: 'created_at_ms >= 0', comment: 'Log time, Unix milliseconds' },
    items_bought: {
      type: 'integer',
      check: 'items_bought >= 0',
      comment: 'Units in recorded purchases; 0 for sellers',
    },
  },
  primaryKey: ['account_id'],
  resident: true,
  storeIndexes: [['role', 'username']],
};
