import type { Position } from '../log/ordered-log.ts';
import type { RowChange, RowOf, StoreQuery, TableSchema, Value } from '../state/schema.ts';

/**
 * Where a replica keeps its rows: what queries read, and where a restart begins. The log is what makes a
 * write durable; the store follows it, and its position is in the same transaction as its rows.
 *
 * Failures reject with `DiskFull` (nothing changed, may be tried again), `DiskFailed`, `Corrupt`, or
 * `Internal` (a row broke a constraint of its schema); `Closed` after `close`.
 */
export interface Store {
  readonly kind: string;
  /** The position whose rows are readable now. */
  readonly position: Position;
  /** Every row of a table in primary-key order (texts by their UTF-8 bytes), in batches. */
  rows(table: TableSchema): AsyncIterable<readonly RowOf[]>;
  /** Applies the changes in order and moves to `position`, in one transaction. */
  write(position: Position, changes: readonly RowChange[]): Promise<void>;
  query<Parameters extends readonly Value[]>(
    query: StoreQuery<Parameters>,
    parameters: Parameters,
  ): Promise<RowOf[]>;
  /** Makes everything written so far durable; resolves with the position that a power failure cannot undo. */
  checkpoint(): Promise<Position>;
  /**
   * Replaces everything by the rows given, at `position`, in one transaction: if `rows` throws, everything
   * is as it was. Tables that are not given end empty.
   */
  replace(position: Position, rows: AsyncIterable<TableRows>): Promise<void>;
  /** A consistent copy of all rows at one position, readable while writes go on. */
  snapshot(): Promise<StoreSnapshot>;
  close(): Promise<void>;
}

export interface TableRows {
  readonly table: TableSchema;
  readonly rows: readonly RowOf[];
}

export interface StoreSnapshot {
  readonly position: Position;
  rows(table: TableSchema): AsyncIterable<readonly RowOf[]>;
  release(): Promise<void>;
}

/** What a store is opened for. */
export interface StoreContext {
  /** The cluster's id: a store of another cluster is refused with `WrongCluster`. */
  readonly cluster: string;
  /** Of the cluster's founding record; a store of another epoch is `WrongCluster` too. */
  readonly epoch: number;
  readonly tables: readonly TableSchema[];
}

/** Opens a store, or makes a new one at position 0. Handed to `openReplica`, which knows all the tables. */
export type OpenStore = (context: StoreContext) => Promise<Store>;
