import type { TableSchema } from '../state/schema.ts';

export type DigestRow = { table_name: string; layout: string; digest: string };

/**
 * The digest of each table as of the store's position. Not part of the state: it lets a restart trust the
 * rows that it does not read, and check those that it does.
 */
export const DIGESTS: TableSchema<DigestRow> = {
  name: 'replica_digests',
  comment: 'Digests of the tables, checked at each start',
  columns: {
    table_name: { type: 'text', comment: 'the table' },
    layout: { type: 'text', comment: 'the columns that the digest is over' },
    digest: { type: 'text', comment: '16 hexadecimal digits' },
  },
  primaryKey: ['table_name'],
  resident: false,
};

/** A digest is comparable only among rows of the same columns. */
export function layoutOf(schema: TableSchema): string {
  return Object.entries(schema.columns)
    .map(([name, { type }]) => `${name}:${type}`)
    .join(',');
}

export function digestRow(schema: TableSchema, digest: string): DigestRow {
  return { table_name: schema.name, layout: layoutOf(schema), digest };
}
