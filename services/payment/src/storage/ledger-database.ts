import { CodedError } from '@everopen/core';
import { DatabaseSync, type StatementSyncInstance } from '@photostructure/sqlite';
import type { CardBrand } from '../card/card-brand.ts';
import type { LedgerEntry, PaymentOutcome } from '../ledger/ledger-entry.ts';

/** "EvPy": marks the file as a payment ledger, so that another database is never taken for one. */
const APPLICATION_ID = 0x45765079;
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    outcome TEXT NOT NULL CHECK (outcome IN ('charged', 'declined', 'voided')),
    reference TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    currency TEXT NOT NULL,
    card_brand TEXT,
    card_last_four TEXT CHECK (length(card_last_four) = 4),
    decided_at_unix_ms INTEGER NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

interface EntryRow {
  number: number;
  key: string;
  outcome: PaymentOutcome;
  reference: string;
  amount_minor: number;
  currency: string;
  card_brand: CardBrand | null;
  card_last_four: string | null;
  decided_at_unix_ms: number;
}

/**
 * The ledger's table in SQLite. Knows nothing of batches and durability: a committed transaction is durable
 * only once the write-ahead log (`path` + `-wal`) has been synced, which is `DurableLedger`'s work.
 *
 * Opening rejects a file of another program (`WrongCluster`), a damaged one (`Corrupt`), and one that another
 * process has open (`InUse`).
 */
export class LedgerDatabase {
  private readonly database: InstanceType<typeof DatabaseSync>;
  private readonly selectByKey: StatementSyncInstance;
  private readonly selectAfter: StatementSyncInstance;
  private readonly insertEntry: StatementSyncInstance;

  constructor(path: string) {
    const database = translated(() => new DatabaseSync(path));
    try {
      translated(() => prepareFile(database));
      this.selectByKey = database.prepare('SELECT * FROM entries WHERE key = ?');
      this.selectAfter = database.prepare(
        'SELECT * FROM entries WHERE number > ? AND number <= ? ORDER BY number LIMIT ?',
      );
      this.insertEntry = database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    } catch (error) {
      database.close();
      throw error;
    }
    this.database = database;
  }

  lastNumber(): number {
    const row = this.database.prepare('SELECT max(number) AS last FROM entries').get() as {
      last: number | null;
    };
    return row.last ?? 0;
  }

  find(key: string): LedgerEntry | undefined {
    const row = this.selectByKey.get(key) as EntryRow | undefined;
    return row && entryOf(row);
  }

  /** Up to `limit` entries with `after` < number ≤ `upTo`, in order. */
  list(after: number, upTo: number, limit: number): LedgerEntry[] {
    return (this.selectAfter.all(after, upTo, limit) as unknown as EntryRow[]).map(entryOf);
  }

  insert(entry: LedgerEntry): void {
    this.insertEntry.run(
      entry.number,
      entry.key,
      entry.outcome,
      entry.reference,
      entry.amountMinor,
      entry.currency,
      entry.card?.brand ?? null,
      entry.card?.lastFour ?? null,
      entry.decidedAtUnixMs,
    );
  }

  /** Runs `work` in one transaction; if it throws, nothing of it is kept. */
  transaction<T>(work: () => T): T {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Copies the log into the main file and lets the log start over. Throws if the disk refuses. */
  checkpoint(): void {
    this.database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /**
   * Releases the file. This driver finalises a statement only when it is collected as garbage, and SQLite
   * keeps the connection and its lock until then; so the lock is given up by hand, for a restart in the same
   * process. After a disk failure that may not work: then the lock ends with the process.
   */
  close(): void {
    try {
      this.database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL');
      this.lastNumber();
    } catch {
      // Nothing is lost: the next start reads the log.
    } finally {
      this.database.close();
    }
  }
}

function prepareFile(database: InstanceType<typeof DatabaseSync>): void {
  // One process owns the ledger. With an exclusive lock, SQLite also keeps the index of its log in memory,
  // so every start reads the log itself.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  database.exec('PRAGMA journal_mode = WAL');
  // In this mode SQLite syncs only around checkpoints; `DurableLedger` syncs the log after every commit,
  // which together is what synchronous=FULL does, without stopping the event loop for the disk.
  database.exec('PRAGMA synchronous = NORMAL');
  // SQLite's own checkpoints hide a failed sync of the main file; ours report it.
  database.exec('PRAGMA wal_autocheckpoint = 0');
  // If the last process died of a failed sync, the page cache may show a log that the disk does not have.
  // Copying all of it into the main file, with a sync, makes what we are about to rely on true.
  database.exec('BEGIN IMMEDIATE; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');

  const { application_id: application } = database.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as {
    tables: number;
  };
  if (application === 0 && version === 0 && tables === 0) {
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    return;
  }
  if (application !== APPLICATION_ID || version !== SCHEMA_VERSION) {
    throw new CodedError('WrongCluster', 'The file is not a payment ledger of this version', {
      details: { application, version },
    });
  }
}

function entryOf(row: EntryRow): LedgerEntry {
  return {
    number: row.number,
    key: row.key,
    outcome: row.outcome,
    reference: row.reference,
    amountMinor: row.amount_minor,
    currency: row.currency,
    card:
      row.card_brand === null || row.card_last_four === null
        ? undefined
        : { brand: row.card_brand, lastFour: row.card_last_four },
    decidedAtUnixMs: row.decided_at_unix_ms,
  };
}

/** SQLite's errors as ours, told apart by primary result code (sqlite.org/rescode.html). */
export function ledgerError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const extended = (error as { errcode?: unknown }).errcode;
  const primary = typeof extended === 'number' ? extended & 0xff : 0;
  const options = { cause: error };
  if (primary === 5 || primary === 6) {
    return new CodedError('InUse', 'Another process has the payment ledger open', options);
  }
  if (primary === 11 || primary === 26) return new CodedError('Corrupt', 'The ledger is damaged', options);
  if (primary === 13) return new CodedError('DiskFull', 'No space is left for the payment ledger', options);
  return new CodedError('DiskFailed', 'The payment ledger could not be read or written', options);
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ledgerError(error);
  }
}
