import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { CodedError } from '@everopen/core';
import type { Position } from '../../log/ordered-log.ts';
import type { RowOf, Value } from '../../state/schema.ts';
import { coded } from './sqlite-errors.ts';

/** What may take long: asked of the reader, which has connections of its own. */
export type ReaderRequest =
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly Value[] }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'release'; readonly snapshot: number }
  /** Rows one after the other; of the newest position, or of a snapshot. */
  | { readonly kind: 'open-cursor'; readonly sql: string; readonly snapshot: number | undefined }
  | { readonly kind: 'fetch'; readonly cursor: number; readonly rows: number }
  | { readonly kind: 'close-cursor'; readonly cursor: number };

export interface CheckpointResult {
  readonly position: Position;
  /** Whether all that was written up to `position` is in the database file, and synced. */
  readonly complete: boolean;
}

interface Cursor {
  readonly connection: DatabaseSyncInstance;
  readonly iterator: Iterator<RowOf>;
  readonly ownsConnection: boolean;
}

/**
 * The slow half of the SQLite store: queries, row streams, snapshots and checkpoints. Runs in a worker
 * thread, so that none of them stops the thread that applies commands. Each snapshot and each row stream
 * has a connection of its own, because a read transaction belongs to a connection.
 */
export class SqliteReader {
  private readonly path: string;
  private readonly main: DatabaseSyncInstance;
  private readonly queries = new Map<string, ReturnType<DatabaseSyncInstance['prepare']>>();
  private readonly snapshots = new Map<number, DatabaseSyncInstance>();
  private readonly cursors = new Map<number, Cursor>();
  private ids = 0;

  constructor(path: string) {
    this.path = path;
    this.main = this.connect();
  }

  handle(request: ReaderRequest): unknown {
    return coded(this.path, () => this.dispatch(request));
  }

  close(): void {
    for (const id of this.cursors.keys()) this.closeCursor(id);
    for (const connection of this.snapshots.values()) connection.close();
    this.snapshots.clear();
    this.main.close();
  }

  private dispatch(request: ReaderRequest): unknown {
    switch (request.kind) {
      case 'query':
        return this.query(request.sql, request.parameters);
      case 'checkpoint':
        return this.checkpoint();
      case 'snapshot':
        return this.snapshot();
      case 'release':
        this.snapshots.get(request.snapshot)?.close();
        this.snapshots.delete(request.snapshot);
        return undefined;
      case 'open-cursor':
        return this.openCursor(request.sql, request.snapshot);
      case 'fetch':
        return this.fetch(request.cursor, request.rows);
      case 'close-cursor':
        this.closeCursor(request.cursor);
        return undefined;
    }
  }

  private query(sql: string, parameters: readonly Value[]): RowOf[] {
    let statement = this.queries.get(sql);
    if (statement === undefined) {
      statement = this.main.prepare(sql);
      this.queries.set(sql, statement);
    }
    return statement.all(...parameters) as RowOf[];
  }

  /**
   * PASSIVE waits for nobody: it syncs the write-ahead file, copies what no open snapshot still needs, and
   * syncs the database. Complete if that was everything; the position was read before, so it is covered.
   */
  private checkpoint(): CheckpointResult {
    const position = positionOf(this.main);
    const [result] = this.main.prepare('PRAGMA wal_checkpoint(PASSIVE)').all() as {
      busy: number;
      log: number;
      checkpointed: number;
    }[];
    const complete = result !== undefined && result.busy === 0 && result.log === result.checkpointed;
    return { position, complete };
  }

  private snapshot(): { snapshot: number; position: Position } {
    const connection = this.connect();
    connection.exec('BEGIN');
    const position = positionOf(connection);
    const snapshot = ++this.ids;
    this.snapshots.set(snapshot, connection);
    return { snapshot, position };
  }

  private openCursor(sql: string, snapshot: number | undefined): number {
    const held = snapshot === undefined ? this.connect() : this.snapshots.get(snapshot);
    if (held === undefined) throw new CodedError('Closed', 'The snapshot was released');
    const iterator = held.prepare(sql).iterate() as Iterator<RowOf>;
    const cursor = ++this.ids;
    this.cursors.set(cursor, { connection: held, iterator, ownsConnection: snapshot === undefined });
    return cursor;
  }

  private fetch(id: number, count: number): RowOf[] {
    const cursor = this.cursors.get(id);
    if (cursor === undefined) throw new CodedError('Closed', 'The row stream was closed');
    const rows: RowOf[] = [];
    while (rows.length < count) {
      const next = cursor.iterator.next();
      if (next.done === true) break;
      rows.push(next.value);
    }
    return rows;
  }

  private closeCursor(id: number): void {
    const cursor = this.cursors.get(id);
    this.cursors.delete(id);
    cursor?.iterator.return?.();
    if (cursor?.ownsConnection === true) cursor.connection.close();
  }

  private connect(): DatabaseSyncInstance {
    return coded(this.path, () => {
      const connection = new DatabaseSync(this.path, { timeout: 5000 });
      // The connection that checkpoints decides whether files are synced then.
      connection.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
      return connection;
    });
  }
}

export function positionOf(connection: DatabaseSyncInstance): Position {
  const row = connection.prepare('SELECT position FROM store_position').get() as { position: Position };
  return row.position;
}
