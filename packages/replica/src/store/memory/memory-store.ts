import { CodedError } from '@everopen/core';
import type { Position } from '../../log/ordered-log.ts';
import { primaryKeyOf, type PrimaryKey } from '../../state/primary-key.ts';
import type { RowChange, RowOf, StoreQuery, TableSchema, Value } from '../../state/schema.ts';
import type { OpenStore, Store, StoreContext, StoreSnapshot, TableRows } from '../store.ts';

const ROWS_PER_BATCH = 1000;

interface MemoryTableRows {
  readonly schema: TableSchema;
  readonly key: PrimaryKey;
  readonly rows: Map<string | number, RowOf>;
}

/**
 * Rows in memory only, for tests and for comparison. It forgets everything when it is closed, so a restart
 * replays the whole log, and `checkpoint` never promises anything: the log is never trimmed.
 */
export class MemoryStore implements Store {
  readonly kind: string = 'memory';
  private tables: Map<string, MemoryTableRows>;
  private at: Position = 0;
  private closed = false;

  constructor(context: StoreContext) {
    this.tables = emptyTables(context.tables);
  }

  get position(): Position {
    return this.at;
  }

  async *rows(table: TableSchema): AsyncIterable<readonly RowOf[]> {
    this.assertOpen();
    yield* inBatches(sortedRows(this.table(table.name)));
  }

  async write(position: Position, changes: readonly RowChange[]): Promise<void> {
    this.assertOpen();
    for (const change of changes) {
      const { key, rows } = this.table(change.table.name);
      const primitive = key.primitive(change.key);
      if (change.row === undefined) rows.delete(primitive);
      else rows.set(primitive, change.row);
    }
    this.at = position;
  }

  async query<Parameters extends readonly Value[]>(
    query: StoreQuery<Parameters>,
    parameters: Parameters,
  ): Promise<RowOf[]> {
    this.assertOpen();
    return query.reference((table) => sortedRows(this.table(table)), parameters);
  }

  async checkpoint(): Promise<Position> {
    this.assertOpen();
    return 0;
  }

  async replace(position: Position, tables: AsyncIterable<TableRows>): Promise<void> {
    this.assertOpen();
    const fresh = emptyTables([...this.tables.values()].map(({ schema }) => schema));
    for await (const { table, rows } of tables) {
      const target = fresh.get(table.name) ?? unknownTable(table.name);
      for (const row of rows) target.rows.set(target.key.primitiveOf(row), row);
    }
    this.tables = fresh;
    this.at = position;
  }

  async snapshot(): Promise<StoreSnapshot> {
    this.assertOpen();
    const copies = new Map([...this.tables].map(([name, table]) => [name, sortedRows(table)]));
    return {
      position: this.at,
      async *rows(table) {
        yield* inBatches(copies.get(table.name) ?? unknownTable(table.name));
      },
      async release() {
        copies.clear();
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private table(name: string): MemoryTableRows {
    return this.tables.get(name) ?? unknownTable(name);
  }

  private assertOpen(): void {
    if (this.closed) throw new CodedError('Closed', 'The store is closed');
  }
}

/** For `openReplica`: a new, empty store each time. */
export const memoryStore: OpenStore = async (context) => new MemoryStore(context);

function emptyTables(schemas: readonly TableSchema[]): Map<string, MemoryTableRows> {
  return new Map(
    schemas.map((schema) => [schema.name, { schema, key: primaryKeyOf(schema), rows: new Map() }]),
  );
}

function sortedRows(table: MemoryTableRows): RowOf[] {
  return [...table.rows.values()].sort(table.key.compare);
}

function* inBatches(rows: readonly RowOf[]): Iterable<readonly RowOf[]> {
  for (let at = 0; at < rows.length; at += ROWS_PER_BATCH) yield rows.slice(at, at + ROWS_PER_BATCH);
}

function unknownTable(name: string): never {
  throw new TypeError(`The store has no table ${name}`);
}
