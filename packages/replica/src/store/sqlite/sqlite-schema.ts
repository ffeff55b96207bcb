import { createHash } from 'node:crypto';
import type { ColumnSchema, TableSchema } from '../../state/schema.ts';

const TYPES = { integer: 'INTEGER', text: 'TEXT', bytes: 'BLOB' } as const;
const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** Tables of the store itself: who it belongs to, and the position of its rows. */
export const STORE_TABLES: readonly string[] = [
  'CREATE TABLE store_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
  'CREATE TABLE store_position (id INTEGER PRIMARY KEY CHECK (id = 0), position INTEGER NOT NULL) STRICT',
  'INSERT INTO store_position VALUES (0, 0)',
];

/** The statements that make a table and its indexes. */
export function createTable(schema: TableSchema): string[] {
  const columns = Object.entries(schema.columns).map(([name, column]) => columnOf(name, column));
  const key = `PRIMARY KEY (${schema.primaryKey.map(quoted).join(', ')})`;
  const indexes = (schema.storeIndexes ?? []).map((index, i) => {
    const name = quoted(`${schema.name}_by_${i + 1}`);
    return `CREATE INDEX ${name} ON ${quoted(schema.name)} (${index.map(quoted).join(', ')})`;
  });
  // A single integer key is SQLite's own rowid; any other key is better off without a second one.
  const options = isRowId(schema) ? 'STRICT' : 'STRICT, WITHOUT ROWID';
  return [`CREATE TABLE ${quoted(schema.name)} (${[...columns, key].join(', ')}) ${options}`, ...indexes];
}

/** Inserts a row or replaces it; parameters in the order of the columns. */
export function upsertRow(schema: TableSchema): string {
  const columns = Object.keys(schema.columns);
  const values = columns.map(() => '?').join(', ');
  const key = schema.primaryKey.map(quoted).join(', ');
  const updates = columns
    .filter((column) => !schema.primaryKey.includes(column))
    .map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
  const action = updates.length === 0 ? 'NOTHING' : `UPDATE SET ${updates.join(', ')}`;
  const into = `INSERT INTO ${quoted(schema.name)} (${columns.map(quoted).join(', ')})`;
  return `${into} VALUES (${values}) ON CONFLICT (${key}) DO ${action}`;
}

/** Deletes a row; parameters are the primary key's values. */
export function deleteRow(schema: TableSchema): string {
  const conditions = schema.primaryKey.map((column) => `${quoted(column)} = ?`).join(' AND ');
  return `DELETE FROM ${quoted(schema.name)} WHERE ${conditions}`;
}

/**
 * A page of rows in primary-key order: the first one, or the one after a key. Parameters are the values of
 * that key, then the number of rows. Texts compare by their UTF-8 bytes (BINARY, the default collation).
 */
export function selectPage(schema: TableSchema, page: 'first' | 'after'): string {
  const columns = Object.keys(schema.columns).map(quoted).join(', ');
  const key = schema.primaryKey.map(quoted).join(', ');
  const after = `WHERE (${key}) > (${schema.primaryKey.map(() => '?').join(', ')})`;
  return `SELECT ${columns} FROM ${quoted(schema.name)} ${page === 'after' ? after : ''} ORDER BY ${key} LIMIT ?`;
}

/** Changes when any table does, so that a store is never used with tables it was not made for. */
export function schemaFingerprint(schemas: readonly TableSchema[]): string {
  const statements = schemas.flatMap((schema) => createTable(schema)).sort();
  return createHash('sha256').update(statements.join(';\n')).digest('hex');
}

export function quoted(name: string): string {
  if (!NAME.test(name)) throw new TypeError(`${name} is no name for a table or column`);
  return `"${name}"`;
}

function columnOf(name: string, column: ColumnSchema): string {
  const nullable = column.nullable === true ? '' : ' NOT NULL';
  const check = column.check === undefined ? '' : ` CHECK (${column.check})`;
  return `${quoted(name)} ${TYPES[column.type]}${nullable}${check}`;
}

function isRowId(schema: TableSchema): boolean {
  const [only, ...others] = schema.primaryKey;
  return only !== undefined && others.length === 0 && schema.columns[only]?.type === 'integer';
}
