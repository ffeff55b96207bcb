import type { Position } from '../log/ordered-log.ts';
import { DIGESTS, digestRow } from '../replicated/digest-rows.ts';
import type { TableSchema } from '../state/schema.ts';
import { TableDigest } from '../state/table-digest.ts';
import type { Store, TableRows } from '../store/store.ts';

/**
 * Replaces the store's rows by those of a snapshot, in one transaction that ends only when the snapshot's
 * hash was right, and stores the tables' digests with them.
 */
export async function installSnapshot(
  store: Store,
  position: Position,
  schemas: readonly TableSchema[],
  rows: AsyncIterable<TableRows>,
): Promise<void> {
  await store.replace(position, withDigests(schemas, rows));
}

async function* withDigests(
  schemas: readonly TableSchema[],
  tables: AsyncIterable<TableRows>,
): AsyncGenerator<TableRows, void, undefined> {
  const digests = new Map(schemas.map((schema) => [schema.name, new TableDigest(schema)]));
  for await (const each of tables) {
    const digest = digests.get(each.table.name);
    for (const row of each.rows) digest?.swap(undefined, row);
    yield each;
  }
  yield {
    table: DIGESTS as unknown as TableSchema,
    rows: schemas.map((schema) => digestRow(schema, digests.get(schema.name)?.sum.toString() ?? '')),
  };
}
