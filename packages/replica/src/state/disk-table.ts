import type { Journal, Undoable } from './journal.ts';
import { primaryKeyOf, type PrimaryKey } from './primary-key.ts';
import type { RowChange, RowOf, TableSchema } from './schema.ts';
import type { StoredTable } from './state-tables.ts';
import { TableDigest } from './table-digest.ts';

/** A table whose rows are in the store alone: here are its changes and its share of the digest. */
export class DiskTable<Row extends RowOf> implements StoredTable<Row>, Undoable {
  readonly schema: TableSchema<Row>;
  readonly digest: TableDigest;
  private readonly primaryKey: PrimaryKey;
  private readonly journal: Journal;

  constructor(schema: TableSchema<Row>, journal: Journal) {
    const plain = schema as unknown as TableSchema;
    this.schema = schema;
    this.primaryKey = primaryKeyOf(plain);
    this.digest = new TableDigest(plain);
    this.journal = journal;
  }

  insert(row: Row): void {
    this.change(undefined, row);
  }

  replace(before: Row, after: Row): void {
    if (this.primaryKey.compare(before, after) !== 0) {
      throw new TypeError(`${this.schema.name}: a replaced row keeps its primary key`);
    }
    this.change(before, after);
  }

  delete(before: Row): void {
    this.change(before, undefined);
  }

  load(row: Row): void {
    this.digest.swap(undefined, row);
  }

  undo(change: RowChange, before: Row | undefined): void {
    this.digest.swap(change.row, before);
  }

  clear(): void {
    this.digest.sum.clear();
  }

  private change(before: Row | undefined, after: Row | undefined): void {
    this.journal.assertOpen();
    this.digest.swap(before, after);
    const change: RowChange = {
      table: this.schema as unknown as TableSchema,
      key: this.primaryKey.valuesOf((after ?? before) as Row),
      row: after,
    };
    this.journal.record(this, change, before);
  }
}
