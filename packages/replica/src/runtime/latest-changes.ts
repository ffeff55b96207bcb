import type { RowChange } from '../state/schema.ts';

/** The last change of each row: what one transaction has to write. */
export function latestChanges(changes: readonly RowChange[]): RowChange[] {
  const byTable = new Map<string, Map<string | number, RowChange>>();
  for (const change of changes) {
    let rows = byTable.get(change.table.name);
    if (rows === undefined) byTable.set(change.table.name, (rows = new Map()));
    const { key } = change;
    rows.set(key.length === 1 ? (key[0] as string | number) : key.join('\u0000'), change);
  }
  return [...byTable.values()].flatMap((rows) => [...rows.values()]);
}
