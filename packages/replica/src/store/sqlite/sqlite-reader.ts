import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { CodedError } from '@everopen/core';
import type { Position } from '../../log/ordered-log.ts';
import type { RowOf, Value } from '../../state/schema.ts';
import { coded } from './sqlite-errors.ts';

/** Each keeps a connection open, and the write-ahead file from being started over. */
const SNAPSHOTS_MAX = 8;

/** What may take long: asked of the reader, which has connections of its own. */
export type ReaderRequest =
  | {
      readonly kind: 'query';
      readonly sql: string;
      readonly parameters: readonly Value[];
      /** Of the rows of a snapshot; without it, of the newest. */
      readonly snapshot?: number;
    }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'release'; readonly snapshot: number };

export interface CheckpointResult {
  readonly position: Position;
  /** Whether all that was written up to `position` is in the database file, and synced. */
  readonly complete: boolean;
  /** Pages in the write-ahead file, copied or not. */
  readonly pages: number;
}

/** A connection and the statements that were prepared on it. */
interface Connection {
  readonly database: DatabaseSyncInstance;
  readonly statements: Map<string, ReturnType<DatabaseSyncInstance['prepare']>>;
}

/**
 * The slow half of the SQLite store: queries, pages of rows, snapshots and checkpoints. Runs in a worker
 * thread, so that none of them stops the thread that applies commands. Each snapshot has a connection of
 * its own, because a read transaction belongs to a connection. No statement stays open between requests.
 */
export class SqliteReader {
  private readonly path: string;
  private readonly main: Connection;
  private readonly snapshots = new Map<number, Connection>();
  private ids = 0;

  constructor(path: string) {
    this.path = path;
    this.main = this.connect();
  }

  handle(request: ReaderRequest): unknown {
    return coded(this.path, () => this.dispatch(request));
  }

  close(): void {
    for (const { database } of this.snapshots.values()) database.close();
    this.snapshots.clear();
    this.main.database.close();
  }

  private dispatch(request: ReaderRequest): unknown {
    switch (request.kind) {
      case 'query':
        return rowsOf(this.connection(request.snapshot), request.sql, request.parameters);
      case 'checkpoint':
        return this.checkpoint();
      case 'snapshot':
        return this.snapshot();
      case 'release':
        this.connection(request.snapshot).database.close();
        this.snapshots.delete(request.snapshot);
        return undefined;
    }
  }

  /**
   * PASSIVE waits for nobody: it syncs the write-ahead file, copies what no open snapshot still needs, and
   * syncs the database. Complete if that was everything; the position was read before, so it is covered.
   */
  private checkpoint(): CheckpointResult {
    const { database } = this.main;
    const position = positionOf(database);
    const [result] = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all() as {
      busy: number;
      log: number;
      checkpointed: number;
    }[];
    const complete = result !== undefined && result.busy === 0 && result.log === result.checkpointed;
    return { position, complete, pages: result?.log ?? 0 };
  }

  private snapshot(): { snapshot: number; position: Position } {
    if (this.snapshots.size >= SNAPSHOTS_MAX) {
      throw new CodedError('Overloaded', `${SNAPSHOTS_MAX} snapshots are open already`, {
        details: { limit: SNAPSHOTS_MAX },
      });
    }
    const connection = this.connect();
    connection.database.exec('BEGIN');
    const position = positionOf(connection.database);
    const snapshot = ++this.ids;
    this.snapshots.set(snapshot, connection);
    return { snapshot, position };
  }

  private connection(snapshot: number | undefined): Connection {
    const connection = snapshot === undefined ? this.main : this.snapshots.get(snapshot);
    if (connection === undefined) throw new CodedError('Closed', 'The snapshot was released');
    return connection;
  }

  private connect(): Connection {
    return coded(this.path, () => {
      const database = new DatabaseSync(this.path, { timeout: 5000 });
      // The connection that checkpoints decides whether files are synced then.
      database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
      return { database, statements: new Map() };
    });
  }
}

function rowsOf({ database, statements }: Connection, sql: string, parameters: readonly Value[]): RowOf[] {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = database.prepare(sql);
    statements.set(sql, statement);
  }
  return statement.all(...parameters) as RowOf[];
}

export function positionOf(connection: DatabaseSyncInstance): Position {
  const row = connection.prepare('SELECT position FROM store_position').get() as { position: Position };
  return row.position;
}
