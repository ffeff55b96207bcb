import type { RowOf, TableSchema, Value } from './schema.ts';

/** A primary key as one primitive: the integer, the text, or the joined texts of a composite key. */
export type PrimitiveKey = number | string;

/** How rows of one table are named and ordered. */
export interface PrimaryKey {
  /** The values of the key's columns, in order. */
  readonly valuesOf: (row: RowOf) => Value[];
  readonly primitiveOf: (row: RowOf) => PrimitiveKey;
  /** The same from the values alone. */
  readonly primitive: (values: readonly Value[]) => PrimitiveKey;
  /** Order of two rows: column by column, integers by value, texts by their UTF-8 bytes. */
  readonly compare: (a: RowOf, b: RowOf) => number;
}

// Stored text never holds a NUL (see rowHasher), so joined keys cannot be confused.
const SEPARATOR = '\u0000';

export function primaryKeyOf(schema: TableSchema): PrimaryKey {
  const columns = schema.primaryKey;
  for (const column of columns) {
    const type = schema.columns[column]?.type;
    if (type !== 'integer' && type !== 'text') {
      throw new TypeError(`${schema.name}: the primary key's ${column} must be an integer or text column`);
    }
  }
  const [only] = columns;
  if (only === undefined) throw new TypeError(`${schema.name} has no primary key`);
  const primitive =
    columns.length === 1
      ? (values: readonly Value[]) => values[0] as PrimitiveKey
      : (values: readonly Value[]) => values.join(SEPARATOR);
  const valuesOf = (row: RowOf): Value[] => columns.map((column) => row[column] as Value);
  return {
    valuesOf,
    primitive,
    primitiveOf:
      columns.length === 1 ? (row) => row[only] as PrimitiveKey : (row) => primitive(valuesOf(row)),
    compare: (a, b) => {
      for (const column of columns) {
        const order = compareValues(a[column] as PrimitiveKey, b[column] as PrimitiveKey);
        if (order !== 0) return order;
      }
      return 0;
    },
  };
}

/** Integers by value, texts by code point, which is the order of their UTF-8 bytes. */
export function compareValues(a: PrimitiveKey, b: PrimitiveKey): number {
  if (a === b) return 0;
  if (typeof a === 'number' || typeof b === 'number') return a < b ? -1 : 1;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // UTF-16 sorts surrogates (planes 1 to 16) before U+E000…U+FFFF; UTF-8 sorts them after.
    const xLate = x >= 0xd800 && x < 0xe000;
    const yLate = y >= 0xd800 && y < 0xe000;
    return xLate === yLate ? x - y : xLate ? 1 : -1;
  }
  return a.length - b.length;
}
