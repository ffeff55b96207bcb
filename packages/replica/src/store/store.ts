import type { Position } from '../log/ordered-log.ts';
import type { RowChange, RowOf, StoreQuery, TableSchema, Value } from '../state/schema.ts';

/**
 * Where a replica keeps its rows: what queries read, and where a restart begins. The log is what makes a
 * write durable; the store follows it, and its position is in the same transaction as its rows.
 */
export interface Store {
  readonly kind: string;
  /** The position whose rows are readable now. */
  readonly position: Position;
  /** Every row of a table in primary-key order, in batches. */
  rows(table: TableSchema): AsyncIterable<readonly RowOf[]>;
  /** Applies the changes and moves to `position`, in one transaction. */
  write(position: Position, changes: readonly RowChange[]): Promise<void>;
  query<Parameters extends readonly Value[]>(
    query: StoreQuery<Parameters>,
    parameters: Parameters,
  ): Promise<RowOf[]>;
  /** Makes everything written so far durable; resolves with the position that a power failure cannot undo. */
  checkpoint(): Promise<Position>;
  /** Replaces everything by the rows given, at `position`, in one transaction. */
  replace(
    position: Position,
    rows: AsyncIterable<{ table: TableSchema; rows: readonly RowOf[] }>,
  ): Promise<void>;
  /** A consistent copy of all rows at one position, readable while writes go on. */
  snapshot(): Promise<{
    position: Position;
    rows(table: TableSchema): AsyncIterable<readonly RowOf[]>;
    release(): Promise<void>;
  }>;
  close(): Promise<void>;
}
