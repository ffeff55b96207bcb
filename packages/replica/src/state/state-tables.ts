import type { RowChange, RowOf, TableSchema, Value } from './schema.ts';

/** One resident table. Lookups are by the primary key's values in order. */
export interface ResidentTable<Row extends RowOf> {
  readonly schema: TableSchema<Row>;
  readonly size: number;
  get(...key: Value[]): Row | undefined;
  /** Inserts or replaces. */
  put(row: Row): void;
  delete(...key: Value[]): void;
  values(): IterableIterator<Row>;
}

/** One table that is stored but not held in memory: the machine must know the row it deletes or replaces. */
export interface StoredTable<Row extends RowOf> {
  readonly schema: TableSchema<Row>;
  /** The row must be new. */
  insert(row: Row): void;
  replace(before: Row, after: Row): void;
  delete(before: Row): void;
}

/** An index in memory over a resident table, kept up to date by the table itself, undone with it. */
export interface MemoryIndex<Row extends RowOf, Key extends string | number> {
  /** Rows with this key, in primary-key order of insertion; empty if there is none. */
  get(key: Key): readonly Row[];
  count(key: Key): number;
}

/**
 * All tables of a state machine: records the changes of each command, undoes those of a refused one, and
 * keeps the digest (a sum of row hashes) as rows come and go.
 */
export interface StateTables {
  readonly schemas: readonly TableSchema[];
  /** Hexadecimal, equal for equal rows whatever the order in which they came. */
  digest(): string;
  /** Called by the runtime around each command. */
  begin(): void;
  commit(): RowChange[];
  rollback(): void;
  /** Called by the runtime at start: a row from the store, not recorded as a change. */
  load(table: string, row: RowOf): void;
  clear(): void;
}
