import { CodedError } from '@everopen/core';
import type { Journal, Undoable } from './journal.ts';
import { RowIndex } from './memory-index.ts';
import { primaryKeyOf, type PrimaryKey, type PrimitiveKey } from './primary-key.ts';
import type { RowChange, RowOf, TableSchema, Value } from './schema.ts';
import type { ResidentTable } from './state-tables.ts';
import { TableDigest } from './table-digest.ts';

/** A JavaScript Map holds at most 2^24 entries. Part of what `apply` decides, so a constant. */
const RESIDENT_ROWS_MAX = 16_000_000;

/** A resident table: rows by primary key, its indexes, and its share of the digest. */
export class MemoryTable<Row extends RowOf> implements ResidentTable<Row>, Undoable {
  readonly schema: TableSchema<Row>;
  readonly digest: TableDigest;
  private readonly rows = new Map<PrimitiveKey, Row>();
  private readonly indexes: RowIndex<Row, string | number>[] = [];
  private readonly primaryKey: PrimaryKey;
  private readonly journal: Journal;

  constructor(schema: TableSchema<Row>, journal: Journal) {
    const plain = schema as unknown as TableSchema;
    this.schema = schema;
    this.primaryKey = primaryKeyOf(plain);
    this.digest = new TableDigest(plain);
    this.journal = journal;
  }

  get size(): number {
    return this.rows.size;
  }

  get(...key: Value[]): Row | undefined {
    return this.rows.get(this.primaryKey.primitive(key));
  }

  put(row: Row): void {
    const key = this.primaryKey.primitiveOf(row);
    const before = this.rows.get(key);
    if (before === row) return;
    if (before === undefined && this.rows.size >= RESIDENT_ROWS_MAX) {
      throw new CodedError(
        'Overloaded',
        `The table ${this.schema.name} is full (${RESIDENT_ROWS_MAX} rows)`,
        {
          details: { limit: RESIDENT_ROWS_MAX },
        },
      );
    }
    this.change(key, before, row);
  }

  delete(...key: Value[]): void {
    const primitive = this.primaryKey.primitive(key);
    const before = this.rows.get(primitive);
    if (before !== undefined) this.change(primitive, before, undefined);
  }

  values(): IterableIterator<Row> {
    return this.rows.values();
  }

  addIndex<Key extends string | number>(keyOf: (row: Row) => Key | undefined): RowIndex<Row, Key> {
    if (this.rows.size > 0) throw new Error(`${this.schema.name}: indexes are declared before rows come`);
    const index = new RowIndex<Row, Key>(keyOf, this.primaryKey.compare);
    this.indexes.push(index as unknown as RowIndex<Row, string | number>);
    return index;
  }

  load(row: Row): void {
    const key = this.primaryKey.primitiveOf(row);
    if (this.rows.has(key)) {
      throw new CodedError('Corrupt', `The table ${this.schema.name} holds the row ${String(key)} twice`);
    }
    this.digest.swap(undefined, row);
    this.set(key, undefined, row);
  }

  undo(change: RowChange, before: Row | undefined): void {
    this.digest.swap(change.row, before);
    this.set(this.primaryKey.primitive(change.key), change.row as Row | undefined, before);
  }

  clear(): void {
    this.rows.clear();
    this.digest.sum.clear();
    for (const index of this.indexes) index.clear();
  }

  private change(key: PrimitiveKey, before: Row | undefined, after: Row | undefined): void {
    this.journal.assertOpen();
    this.digest.swap(before, after);
    const change: RowChange = {
      table: this.schema as unknown as TableSchema,
      key: this.primaryKey.valuesOf((after ?? before) as Row),
      row: after,
    };
    this.journal.record(this, change, before);
    this.set(key, before, after);
  }

  private set(key: PrimitiveKey, before: Row | undefined, after: Row | undefined): void {
    if (after === undefined) this.rows.delete(key);
    else this.rows.set(key, after);
    for (const index of this.indexes) index.update(before, after);
  }
}
