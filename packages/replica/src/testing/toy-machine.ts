import { CodedError } from '@everopen/core';
import type { TableSchema } from '../state/schema.ts';
import type { ApplyContext, StateMachine } from '../state/state-machine.ts';
import type { ResidentTable, StoredTable } from '../state/state-tables.ts';
import { Tables } from '../state/tables.ts';

type Account = { name: string; balance: number; changes: number };
type Entry = { position: number; name: string; amount: number; at_ms: number };

const ACCOUNTS: TableSchema<Account> = {
  name: 'accounts',
  comment: 'Accounts of the toy bank',
  columns: {
    name: { type: 'text', comment: 'whose' },
    balance: { type: 'integer', check: 'balance >= 0', comment: 'money' },
    changes: { type: 'integer', comment: 'how often it changed' },
  },
  primaryKey: ['name'],
  resident: true,
};
export const ENTRIES: TableSchema<Entry> = {
  name: 'entries',
  comment: 'One row for each change: what happened twice is here twice',
  columns: {
    position: { type: 'integer', comment: 'where in the log' },
    name: { type: 'text', comment: 'whose account' },
    amount: { type: 'integer', comment: 'the change' },
    at_ms: { type: 'integer', comment: 'log time' },
  },
  primaryKey: ['position'],
  resident: false,
  storeIndexes: [['name', 'position']],
};

/** A bank with one kind of command, for tests: change an account's balance, which must not become negative. */
export class ToyMachine implements StateMachine {
  readonly name = 'toy';
  readonly tables: Tables = new Tables();
  readonly accounts: ResidentTable<Account> = this.tables.resident(ACCOUNTS);
  private readonly entries: StoredTable<Entry> = this.tables.stored(ENTRIES);

  apply(payload: Uint8Array, { position, nowMs }: ApplyContext): Uint8Array {
    const { name, amount, bug } = JSON.parse(Buffer.from(payload).toString()) as ToyCommand;
    if (bug === true) throw new Error('a bug in the machine');
    const before = this.accounts.get(name) ?? { name, balance: 0, changes: 0 };
    const balance = before.balance + amount;
    // Changes first and refuses then, so that a refusal has something to undo.
    this.accounts.put({ name, balance, changes: before.changes + 1 });
    this.entries.insert({ position, name, amount, at_ms: nowMs });
    if (balance < 0) {
      throw new CodedError('NotEnough', `${name} has ${before.balance}`, {
        details: { left: before.balance },
      });
    }
    return Buffer.from(String(balance));
  }
}

export interface ToyCommand {
  readonly name: string;
  readonly amount: number;
  readonly bug?: boolean;
}

export function toyCommand(command: ToyCommand): Uint8Array {
  return Buffer.from(JSON.stringify(command));
}
