/** A value of a column: integers are safe integers; a yes/no is 0 or 1. */
export type Value = number | string | Uint8Array | null;
export type ColumnType = 'integer' | 'text' | 'bytes';

export interface ColumnSchema {
  readonly type: ColumnType;
  readonly nullable?: boolean;
  /** A condition in plain SQL that both SQLite and PostgreSQL understand, e.g. `available >= 0`. */
  readonly check?: string;
  /** For the database administrator. */
  readonly comment: string;
}

/**
 * A table of a replicated state: its rows are part of digests and snapshots, and are stored. Resident
 * tables are also held in memory, where `apply` reads them; the others are only written by `apply`, and
 * read by queries of the store.
 */
export interface TableSchema<Row extends RowOf = RowOf> {
  readonly name: string;
  readonly comment: string;
  readonly columns: { readonly [Column in keyof Row & string]: ColumnSchema };
  /** One or more columns, integer or text. Rows are ordered by it in snapshots. */
  readonly primaryKey: readonly (keyof Row & string)[];
  readonly resident: boolean;
  /** Indexes of the store (not of memory), each a list of columns. */
  readonly storeIndexes?: readonly (readonly (keyof Row & string)[])[];
}

/** Rows are plain objects, one property a column, never changed in place: a change is a new object. */
export type RowOf = Readonly<Record<string, Value>>;

/** A change of one row, as it goes to the store. `row` is absent when the row was deleted. */
export interface RowChange {
  readonly table: TableSchema;
  /** The values of the primary key, in its order. */
  readonly key: readonly Value[];
  readonly row: RowOf | undefined;
}

/**
 * A named question to the store, for searches and lists: one SQL text that SQLite and PostgreSQL both
 * understand, with `?` for parameters, and a reference implementation over plain rows that the tests hold
 * it against (and that the memory store runs). Always ends in a total `ORDER BY`.
 */
export interface StoreQuery<Parameters extends readonly Value[] = readonly Value[]> {
  readonly name: string;
  readonly sql: string;
  readonly reference: (rows: (table: string) => readonly RowOf[], parameters: Parameters) => RowOf[];
}
