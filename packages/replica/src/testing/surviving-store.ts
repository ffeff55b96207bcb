import type { Position } from '../log/ordered-log.ts';
import type { RowChange, TableSchema } from '../state/schema.ts';
import { MemoryStore } from '../store/memory/memory-store.ts';
import type { Store, StoreContext, TableRows } from '../store/store.ts';

type Transaction =
  | { readonly kind: 'write'; readonly position: Position; readonly changes: readonly RowChange[] }
  | { readonly kind: 'replace'; readonly position: Position; readonly rows: readonly TableRows[] };

/**
 * Rows in memory that outlive the replica that wrote them, as files do: for simulations. After `kill`
 * everything written is there at the next `open`; after `powerFailure` at least what a checkpoint has
 * promised. The calls of a dead replica never return.
 */
export class SurvivingStore {
  private readonly pause: () => Promise<void>;
  private transactions: Transaction[] = [];
  /** So many of them survive a power failure. */
  private durable = 0;
  private boots = 0;

  /** @param pause what each call waits for: gives it its virtual time */
  constructor(pause: () => Promise<void> = async () => {}) {
    this.pause = pause;
  }

  kill(): void {
    this.boots++;
  }

  /** @param keep how many of the `n` transactions since the last checkpoint survive */
  powerFailure(keep: (n: number) => number): void {
    this.boots++;
    const kept = this.durable + keep(this.transactions.length - this.durable);
    this.transactions = this.transactions.slice(0, kept);
    this.durable = kept;
  }

  readonly open = async (context: StoreContext): Promise<Store> => {
    const boot = ++this.boots;
    const memory = new MemoryStore(context);
    for (const transaction of this.transactions) await apply(memory, transaction);
    const alive = async (): Promise<void> => {
      await this.pause();
      if (boot !== this.boots) await new Promise(() => {});
    };
    const commit = async (transaction: Transaction): Promise<void> => {
      await alive();
      await apply(memory, transaction);
      this.transactions.push(transaction);
    };
    return {
      kind: 'surviving',
      get position() {
        return memory.position;
      },
      rows: (table: TableSchema) => memory.rows(table),
      write: (position, changes) => commit({ kind: 'write', position, changes }),
      query: async (query, parameters) => {
        await alive();
        return memory.query(query, parameters);
      },
      checkpoint: async () => {
        const { position } = memory;
        const written = this.transactions.length;
        await alive();
        this.durable = Math.max(this.durable, written);
        return position;
      },
      replace: async (position, tables) => {
        const rows: TableRows[] = [];
        for await (const each of tables) rows.push(each);
        await commit({ kind: 'replace', position, rows });
      },
      snapshot: async () => {
        await alive();
        return memory.snapshot();
      },
      close: () => memory.close(),
    };
  };
}

async function apply(memory: MemoryStore, transaction: Transaction): Promise<void> {
  if (transaction.kind === 'write') await memory.write(transaction.position, transaction.changes);
  else await memory.replace(transaction.position, stream(transaction.rows));
}

async function* stream(rows: readonly TableRows[]): AsyncIterable<TableRows> {
  for (const each of rows) yield each;
}
