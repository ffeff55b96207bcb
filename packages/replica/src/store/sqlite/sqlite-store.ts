import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { CodedError } from '@everopen/core';
import type { Position } from '../../log/ordered-log.ts';
import type { RowChange, RowOf, StoreQuery, TableSchema, Value } from '../../state/schema.ts';
import type { OpenStore, Store, StoreContext, StoreSnapshot, TableRows } from '../store.ts';
import { startReader, type ReaderThread } from './reader-thread.ts';
import { migrate, type SqliteMigration } from './sqlite-migrations.ts';
import { coded } from './sqlite-errors.ts';
import { positionOf, type CheckpointResult } from './sqlite-reader.ts';
import { deleteRow, quoted, selectPage, upsertRow } from './sqlite-schema.ts';

/** Rows in one message from the reader: about 100 KB. */
const ROWS_PER_PAGE = 1000;
/** Pages (4 KiB) that SQLite's write-ahead file may hold after a checkpoint before it is started over. */
const WRITE_AHEAD_PAGES_MAX = 4096;
/** Bytes that the file keeps when it is started over. */
const WRITE_AHEAD_BYTES_KEPT = 16 * 2 ** 20;

type Statement = ReturnType<DatabaseSyncInstance['prepare']>;

interface TableStatements {
  readonly columns: readonly string[];
  readonly upsert: Statement;
  readonly remove: Statement;
}

export interface SqliteStoreOptions {
  /** The database file; SQLite puts two more beside it. */
  readonly path: string;
  /** Changes of the schema since its first version; see `SqliteMigration`. */
  readonly migrations?: readonly SqliteMigration[];
}

/**
 * Rows in an embedded SQLite database (https://www.sqlite.org/wal.html): write-ahead mode, synced at
 * checkpoints only, because the replicated log already holds what a power failure could take.
 * Writes run in the caller's thread, one short transaction a batch; all that may take long is the reader's.
 */
class SqliteStore implements Store {
  readonly kind: string = 'sqlite';
  private readonly path: string;
  private readonly schemas: readonly TableSchema[];
  private readonly database: DatabaseSyncInstance;
  private readonly reader: ReaderThread;
  private readonly statements = new Map<string, TableStatements>();
  private readonly moveTo: Statement;
  private at: Position;
  private durable: Position = 0;
  private replacing = false;
  /** Set while writes stand still. */
  private standstill: Promise<unknown> | undefined;
  private closed = false;

  constructor(path: string, context: StoreContext, database: DatabaseSyncInstance) {
    this.path = path;
    this.schemas = context.tables;
    this.database = database;
    for (const schema of context.tables) {
      this.statements.set(schema.name, {
        columns: Object.keys(schema.columns),
        upsert: database.prepare(upsertRow(schema)),
        remove: database.prepare(deleteRow(schema)),
      });
    }
    this.moveTo = database.prepare('UPDATE store_position SET position = ?');
    this.at = positionOf(database);
    this.reader = startReader(path);
  }

  get position(): Position {
    return this.at;
  }

  async *rows(table: TableSchema): AsyncIterable<readonly RowOf[]> {
    const snapshot = await this.snapshot();
    try {
      yield* snapshot.rows(table);
    } finally {
      await snapshot.release();
    }
  }

  async write(position: Position, changes: readonly RowChange[]): Promise<void> {
    while (this.standstill !== undefined) await this.standstill;
    this.assertOpen();
    // Without its reader the store answers nobody: better it stops at the next write than half works.
    if (this.reader.failed !== undefined) throw this.reader.failed;
    this.transaction(() => {
      for (const change of changes) {
        if (change.row === undefined) this.of(change.table).remove.run(...change.key);
        else this.put(change.table, change.row);
      }
      this.moveTo.run(position);
    });
    this.at = position;
  }

  async query<Parameters extends readonly Value[]>(
    query: StoreQuery<Parameters>,
    parameters: Parameters,
  ): Promise<RowOf[]> {
    this.assertOpen();
    return (await this.reader.ask({ kind: 'query', sql: query.sql, parameters })) as RowOf[];
  }

  async checkpoint(): Promise<Position> {
    const { complete, pages } = await this.checkpointOnce();
    if (complete && pages > WRITE_AHEAD_PAGES_MAX) await this.finishCheckpoint();
    return this.durable;
  }

  async replace(position: Position, tables: AsyncIterable<TableRows>): Promise<void> {
    while (this.standstill !== undefined) await this.standstill;
    this.assertOpen();
    this.replacing = true;
    try {
      coded(this.path, () => {
        this.database.exec('BEGIN IMMEDIATE');
        for (const { name } of this.schemas) this.database.exec(`DELETE FROM ${quoted(name)}`);
      });
      for await (const { table, rows } of tables) {
        coded(this.path, () => {
          for (const row of rows) this.put(table, row);
        });
      }
      coded(this.path, () => {
        this.moveTo.run(position);
        this.database.exec('COMMIT');
      });
      this.at = position;
    } finally {
      this.replacing = false;
      this.rollBack();
    }
  }

  async snapshot(): Promise<StoreSnapshot> {
    this.assertOpen();
    const opened = (await this.reader.ask({ kind: 'snapshot' })) as { snapshot: number; position: Position };
    const { snapshot, position } = opened;
    return {
      position,
      rows: (table) => this.pages(table, snapshot),
      release: async () => {
        if (!this.closed) await this.reader.ask({ kind: 'release', snapshot });
      },
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.reader.close();
    coded(this.path, () => this.database.close());
  }

  private async checkpointOnce(): Promise<CheckpointResult> {
    this.assertOpen();
    const result = (await this.reader.ask({ kind: 'checkpoint' })) as CheckpointResult;
    if (result.complete) this.durable = Math.max(this.durable, result.position);
    return result;
  }

  /**
   * SQLite starts its write-ahead file over when a writer finds all of it copied. While writes go on during
   * every checkpoint, none ever does, and the file grows for ever. So what was written during the checkpoint
   * is copied while writes wait: little, as the checkpoint has just done the rest.
   */
  private async finishCheckpoint(): Promise<void> {
    const finished = this.checkpointOnce();
    this.standstill = finished.catch(() => {}); // whoever asked for the checkpoint hears of it
    try {
      await finished;
    } finally {
      this.standstill = undefined;
    }
  }

  private async *pages(
    table: TableSchema,
    snapshot: number,
  ): AsyncGenerator<readonly RowOf[], void, undefined> {
    let parameters: Value[] = [];
    for (;;) {
      this.assertOpen();
      const sql = selectPage(table, parameters.length === 0 ? 'first' : 'after');
      const request = { kind: 'query', sql, parameters: [...parameters, ROWS_PER_PAGE], snapshot } as const;
      const rows = (await this.reader.ask(request)) as RowOf[];
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows;
      if (rows.length < ROWS_PER_PAGE) return;
      parameters = table.primaryKey.map((column) => last[column] as Value);
    }
  }

  private put(table: TableSchema, row: RowOf): void {
    const { columns, upsert } = this.of(table);
    const values: Value[] = [];
    for (const column of columns) values.push(row[column] as Value);
    upsert.run(...values);
  }

  private of(table: TableSchema): TableStatements {
    const statements = this.statements.get(table.name);
    if (statements === undefined) throw new TypeError(`The store has no table ${table.name}`);
    return statements;
  }

  private transaction(work: () => void): void {
    if (this.replacing) throw new Error('The rows are being replaced');
    try {
      coded(this.path, () => {
        this.database.exec('BEGIN IMMEDIATE');
        work();
        this.database.exec('COMMIT');
      });
    } finally {
      this.rollBack();
    }
  }

  /** After a failure; SQLite may have rolled back by itself already. */
  private rollBack(): void {
    if (!this.closed && this.database.isTransaction) coded(this.path, () => this.database.exec('ROLLBACK'));
  }

  private assertOpen(): void {
    if (this.closed) throw new CodedError('Closed', 'The store is closed');
  }
}

/** For `openReplica`: the store in the file `path`, made if it is not there. */
export function sqliteStore({ path, migrations = [] }: SqliteStoreOptions): OpenStore {
  return async (context) => {
    const database = coded(path, () => new DatabaseSync(path, { timeout: 5000 }));
    try {
      coded(path, () => {
        database.exec(
          'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;' +
            `PRAGMA journal_size_limit = ${WRITE_AHEAD_BYTES_KEPT}`,
        );
        migrate(database, context, migrations);
      });
      return coded(path, () => new SqliteStore(path, context, database));
    } catch (error) {
      database.close();
      throw error;
    }
  };
}
