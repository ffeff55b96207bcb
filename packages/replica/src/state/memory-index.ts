import type { RowOf } from './schema.ts';
import type { MemoryIndex } from './state-tables.ts';

/** Several rows under one key. `shared`: somebody holds `rows`, so the next change copies them first. */
interface Bucket<Row> {
  rows: Row[];
  shared: boolean;
}

class SeveralRows<Row> implements Bucket<Row> {
  rows: Row[];
  shared = false;
  constructor(rows: Row[]) {
    this.rows = rows;
  }
}

/**
 * Rows by a key that is computed from them. One row under a key (the usual case: a user name, a session)
 * is held directly; several are an array in primary-key order. That order, unlike the order of insertion,
 * is the same on a replica that lived through all commands and on one that loaded its rows from a store.
 */
export class RowIndex<Row extends RowOf, Key extends string | number> implements MemoryIndex<Row, Key> {
  private readonly byKey = new Map<Key, Row | SeveralRows<Row>>();
  private readonly keyOf: (row: Row) => Key | undefined;
  private readonly compare: (a: Row, b: Row) => number;

  constructor(keyOf: (row: Row) => Key | undefined, compare: (a: Row, b: Row) => number) {
    this.keyOf = keyOf;
    this.compare = compare;
  }

  get(key: Key): readonly Row[] {
    const held = this.byKey.get(key);
    if (held === undefined) return [];
    if (!(held instanceof SeveralRows)) return [held];
    held.shared = true;
    return held.rows;
  }

  count(key: Key): number {
    const held = this.byKey.get(key);
    return held === undefined ? 0 : held instanceof SeveralRows ? held.rows.length : 1;
  }

  /** Called by the table at each change of a row; `before` and `after` have the same primary key. */
  update(before: Row | undefined, after: Row | undefined): void {
    const oldKey = before === undefined ? undefined : this.keyOf(before);
    const newKey = after === undefined ? undefined : this.keyOf(after);
    if (oldKey !== undefined && oldKey === newKey) {
      this.replace(oldKey, after as Row);
      return;
    }
    if (oldKey !== undefined) this.remove(oldKey, before as Row);
    if (newKey !== undefined) this.add(newKey, after as Row);
  }

  clear(): void {
    this.byKey.clear();
  }

  private add(key: Key, row: Row): void {
    const held = this.byKey.get(key);
    if (held === undefined) this.byKey.set(key, row);
    else if (held instanceof SeveralRows) own(held).splice(this.placeOf(held.rows, row), 0, row);
    else this.byKey.set(key, new SeveralRows(this.compare(held, row) < 0 ? [held, row] : [row, held]));
  }

  private remove(key: Key, row: Row): void {
    const held = this.byKey.get(key);
    if (!(held instanceof SeveralRows)) {
      this.byKey.delete(key);
      return;
    }
    own(held).splice(this.placeOf(held.rows, row), 1);
    if (held.rows.length === 1) this.byKey.set(key, held.rows[0] as Row);
  }

  private replace(key: Key, row: Row): void {
    const held = this.byKey.get(key);
    if (held instanceof SeveralRows) own(held)[this.placeOf(held.rows, row)] = row;
    else this.byKey.set(key, row);
  }

  /** Where the row is, or would be inserted. New rows mostly have the highest key, so look there first. */
  private placeOf(rows: readonly Row[], row: Row): number {
    let low = 0;
    let high = rows.length;
    if (high > 0 && this.compare(rows[high - 1] as Row, row) < 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(rows[middle] as Row, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function own<Row>(bucket: Bucket<Row>): Row[] {
  if (bucket.shared) {
    bucket.rows = bucket.rows.slice();
    bucket.shared = false;
  }
  return bucket.rows;
}
