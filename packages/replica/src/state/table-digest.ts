import { Digest } from './digest.ts';
import { rowHasher, type RowHash } from './row-hash.ts';
import type { RowOf, TableSchema } from './schema.ts';

/** One table's share of the digest, kept as rows come and go. */
export class TableDigest {
  readonly sum: Digest = new Digest();
  private readonly hashRow: (row: RowOf, hash: RowHash) => void;
  private readonly added: RowHash = { low: 0, high: 0 };
  private readonly removed: RowHash = { low: 0, high: 0 };

  constructor(schema: TableSchema) {
    this.hashRow = rowHasher(schema);
  }

  /** `after` instead of `before`; absent: no row. Throws, and counts nothing, if a row does not fit the schema. */
  swap(before: RowOf | undefined, after: RowOf | undefined): void {
    if (after !== undefined) this.hashRow(after, this.added);
    if (before !== undefined) this.hashRow(before, this.removed);
    if (after !== undefined) this.sum.add(this.added);
    if (before !== undefined) this.sum.subtract(this.removed);
  }
}
