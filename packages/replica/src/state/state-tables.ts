import type { RowChange, RowOf, TableSchema, Value } from './schema.ts';

/** One resident table. Lookups are by the primary key's values in order. */
export interface ResidentTable<Row extends RowOf> {
  readonly schema: TableSchema<Row>;
  readonly size: number;
  get(...key: Value[]): Row | undefined;
  /** Inserts or replaces. `InvalidArgument` for a text with a NUL or half a surrogate pair. */
  put(row: Row): void;
  /** No error if there is no such row. */
  delete(...key: Value[]): void;
  /** In no particular order: not for decisions. */
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
  /**
   * Rows with this key, in primary-key order; empty if there is none. The array does not change later:
   * it may be gone through while its rows are put and deleted.
   */
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
  /** The same of one table, to be kept with a store. */
  tableDigest(table: string): string;
  /** Called by the runtime at start for a table whose rows are not loaded, with what it kept. */
  setTableDigest(table: string, digest: string): void;
  /** Rows in each resident table. */
  counts(): Readonly<Record<string, number>>;
  /** Called by the runtime around each command. */
  begin(): void;
  /** The changes in the order in which they were made; the last one of a row counts. */
  commit(): RowChange[];
  rollback(): void;
  /** Called by the runtime at start: a row from the store, not recorded as a change. */
  load(table: string, row: RowOf): void;
  clear(): void;
}
