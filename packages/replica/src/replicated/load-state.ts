import { CodedError } from '@everopen/core';
import type { RowOf, TableSchema } from '../state/schema.ts';
import { TableDigest } from '../state/table-digest.ts';
import type { Store } from '../store/store.ts';
import { DIGESTS, layoutOf, type DigestRow } from './digest-rows.ts';
import type { ReplicatedState } from './replicated-state.ts';

const DIGEST_TABLE = DIGESTS as unknown as TableSchema;
const NO_ROWS = '0'.repeat(16);

/**
 * Fills the state in memory from the store. Every row that is read is checked against the digest that was
 * stored with it: `Corrupt` if the store is not what was written, or by rules that this program does not know.
 */
export async function loadState(state: ReplicatedState, store: Store): Promise<void> {
  const digests = new Map<string, DigestRow>();
  for await (const rows of store.rows(DIGEST_TABLE)) {
    for (const row of rows as readonly DigestRow[]) digests.set(row.table_name, row);
  }
  state.clear();
  for (const schema of state.schemas) {
    const kept = digests.get(schema.name);
    // Columns have changed since (a migration): the old digest says nothing about the new rows.
    const expected = kept?.layout === layoutOf(schema) ? kept.digest : undefined;
    if (state.loadsRows(schema)) {
      for await (const rows of store.rows(schema)) {
        for (const row of rows) state.load(schema.name, plainRow(schema, row));
      }
      check(schema, state.tableDigest(schema.name), kept === undefined ? NO_ROWS : expected);
    } else {
      state.setTableDigest(schema.name, expected ?? (await digestOfStored(schema, store)));
    }
  }
  state.assertUnderstood();
}

async function digestOfStored(schema: TableSchema, store: Store): Promise<string> {
  const digest = new TableDigest(schema);
  for await (const rows of store.rows(schema)) for (const row of rows) digest.swap(undefined, row);
  return digest.sum.toString();
}

function check(schema: TableSchema, found: string, expected: string | undefined): void {
  if (expected === undefined || expected === found) return;
  throw new CodedError('Corrupt', `The rows of ${schema.name} are not those that were stored`, {
    details: { table: schema.name, found, expected },
  });
}

/** The same shape for all rows of a table, whatever object the store's driver made: they are held for long. */
function plainRow(schema: TableSchema, row: RowOf): RowOf {
  const plain: Record<string, RowOf[string]> = {};
  for (const column in schema.columns) plain[column] = row[column] ?? null;
  return plain;
}
