import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@everopen/core';
import {
  memoryStore,
  sqliteStore,
  type RowChange,
  type RowOf,
  type Store,
  type StoreQuery,
  type TableSchema,
  type Value,
} from '@everopen/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PURCHASE_LINES, type PurchaseLineRow } from './purchase-lines-table.ts';
import { PURCHASE_BY_KEY, PURCHASES_AFTER, PURCHASES_OF_BUYER } from './purchase-queries.ts';
import { PURCHASES, type PurchaseRow } from './purchases-table.ts';

const PURCHASE_COUNT = 200;
const BUYERS = 7;
let directory: string;
let sqlite: Store;
let memory: Store;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'everopen-history-'));
  const tables = [PURCHASES, PURCHASE_LINES] as unknown as TableSchema[];
  const context = { cluster: 'test', epoch: 1, tables };
  sqlite = await sqliteStore({ path: join(directory, 'history.sqlite') })(context);
  memory = await memoryStore(context);
  for (const store of [sqlite, memory]) await store.write(1, randomHistory());
});

afterAll(async () => {
  await sqlite.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Purchases whose order ids come in no order, some of them twice. */
function randomHistory(): RowChange[] {
  const random = seededRandom(7);
  const changes: RowChange[] = [];
  const put = (table: unknown, key: Value[], row: RowOf) =>
    changes.push({ table: table as TableSchema, key, row });
  for (let number = 1; number <= PURCHASE_COUNT; number++) {
    const purchase: PurchaseRow = {
      purchase_number: number,
      order_id: 1 + random.below(PURCHASE_COUNT),
      checkout_key: `key ${number}`,
      buyer_id: 1 + random.below(BUYERS),
      begun_at_ms: number,
      recorded_at_ms: number + 1,
      payment_reference: `charge ${number}`,
    };
    put(PURCHASES, [number], purchase);
    for (let lineNumber = 1 + random.below(4); lineNumber > 0; lineNumber--) {
      const line: PurchaseLineRow = {
        purchase_number: number,
        line_number: lineNumber,
        item_id: 1 + random.below(50),
        seller_id: 1,
        name: 'Größe 🎈',
        quantity: 1,
        unit_price_minor: 500,
        currency: 'EUR',
      };
      put(PURCHASE_LINES, [number, lineNumber], line);
    }
  }
  return changes;
}

async function both<Parameters extends readonly Value[]>(
  query: StoreQuery<Parameters>,
  parameters: Parameters,
): Promise<RowOf[]> {
  const [rows, expected] = [await sqlite.query(query, parameters), await memory.query(query, parameters)];
  expect(rows.map((row) => ({ ...row }))).toEqual(expected);
  return expected;
}

describe('queries of the history answer alike in SQL and in their reference', () => {
  it('M20: purchases of a buyer, page by page', async () => {
    let found = 0;
    for (let buyerId = 1; buyerId <= BUYERS; buyerId++) {
      let before = Number.MAX_SAFE_INTEGER;
      for (;;) {
        const rows = await both(PURCHASES_OF_BUYER, [buyerId, before, 3]);
        if (rows.length === 0) break;
        found += new Set(rows.map((row) => row['purchase_number'])).size;
        before = rows.at(-1)?.['order_id'] as number;
      }
    }
    expect(found).toBeGreaterThan(PURCHASE_COUNT / 2);
  });

  it('M20: the purchase of a key', async () => {
    expect(await both(PURCHASE_BY_KEY, ['key 17'])).not.toHaveLength(0);
    expect(await both(PURCHASE_BY_KEY, ["key 17' OR '1'='1"])).toEqual([]);
  });

  it('M20: everything after a purchase, none left out and none twice', async () => {
    let cursor = { orderId: 0, number: 0 };
    const numbers: number[] = [];
    for (;;) {
      const rows = await both(PURCHASES_AFTER, [cursor.orderId, cursor.orderId, cursor.number, 7]);
      const last = rows.at(-1);
      if (last === undefined) break;
      numbers.push(...new Set(rows.map((row) => row['purchase_number'] as number)));
      cursor = { orderId: last['order_id'] as number, number: last['purchase_number'] as number };
    }
    expect(numbers.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: PURCHASE_COUNT }, (_, i) => i + 1),
    );
  });
});
