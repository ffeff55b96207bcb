import { addDigests } from './digest.ts';
import { DiskTable } from './disk-table.ts';
import { Journal } from './journal.ts';
import { MemoryTable } from './memory-table.ts';
import type { RowChange, RowOf, TableSchema } from './schema.ts';
import type { MemoryIndex, ResidentTable, StateTables, StoredTable } from './state-tables.ts';

/**
 * The tables of a state machine. A machine declares them once, in its constructor, and keeps what it gets:
 *
 *     const tables = new Tables();
 *     const accounts = tables.resident(ACCOUNTS);
 *     const accountByName = tables.index(accounts, (account) => account.username);
 *     const tokens = tables.stored(TOKENS);
 *
 * Then `apply` reads and writes `accounts`, reads `accountByName`, and writes `tokens`. Rows are plain
 * objects with a property for each column; they must not be changed after they were handed over.
 *
 * A machine must not decide by the order of `values()`, which depends on the replica's past; the rows that
 * an index gives are in primary-key order everywhere.
 */
export class Tables implements StateTables {
  readonly schemas: TableSchema[] = [];
  private readonly journal = new Journal();
  private readonly byName = new Map<string, MemoryTable<RowOf> | DiskTable<RowOf>>();

  /** Declares a table whose rows are held in memory (and stored). */
  resident<Row extends RowOf>(schema: TableSchema<Row>): ResidentTable<Row> {
    if (!schema.resident) throw new TypeError(`${schema.name} is not a resident table`);
    return this.declare(new MemoryTable(schema, this.journal));
  }

  /** Declares a table whose rows are in the store alone. */
  stored<Row extends RowOf>(schema: TableSchema<Row>): StoredTable<Row> {
    if (schema.resident) throw new TypeError(`${schema.name} is a resident table`);
    return this.declare(new DiskTable(schema, this.journal));
  }

  /** Declares an index over a resident table of this state. Rows whose key is undefined are not in it. */
  index<Row extends RowOf, Key extends string | number>(
    table: ResidentTable<Row>,
    keyOf: (row: Row) => Key | undefined,
  ): MemoryIndex<Row, Key> {
    const own = this.byName.get(table.schema.name) as unknown;
    if (own !== table || !(table instanceof MemoryTable)) {
      throw new TypeError(`${table.schema.name} is not a table of this state`);
    }
    return (table as MemoryTable<Row>).addIndex(keyOf);
  }

  digest(): string {
    let sum = '0'.repeat(16);
    for (const table of this.byName.values()) sum = addDigests(sum, table.digest.sum.toString());
    return sum;
  }

  tableDigest(table: string): string {
    return this.table(table).digest.sum.toString();
  }

  setTableDigest(table: string, digest: string): void {
    this.table(table).digest.sum.set(digest);
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [name, table] of this.byName) if (table instanceof MemoryTable) counts[name] = table.size;
    return counts;
  }

  begin(): void {
    this.journal.begin();
  }

  commit(): RowChange[] {
    return this.journal.commit();
  }

  rollback(): void {
    this.journal.rollback();
  }

  load(table: string, row: RowOf): void {
    this.table(table).load(row);
  }

  clear(): void {
    for (const table of this.byName.values()) table.clear();
  }

  private table(name: string): MemoryTable<RowOf> | DiskTable<RowOf> {
    const table = this.byName.get(name);
    if (table === undefined) throw new TypeError(`This state has no table ${name}`);
    return table;
  }

  private declare<Table extends { readonly schema: unknown }>(table: Table): Table {
    const schema = table.schema as TableSchema;
    if (this.byName.has(schema.name)) throw new TypeError(`The table ${schema.name} is declared twice`);
    this.byName.set(schema.name, table as unknown as MemoryTable<RowOf>);
    this.schemas.push(schema);
    return table;
  }
}
