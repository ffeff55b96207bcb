// Rows a second into the SQLite store, and how long a reader and the writer hold each other up.
// Run: npm run build && node bench/replica-store.mjs
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from '../packages/replica/dist/index.js';

const TABLE = {
  name: 'items',
  comment: '',
  resident: true,
  primaryKey: ['id'],
  storeIndexes: [['category', 'id']],
  columns: {
    id: { type: 'integer', comment: '' },
    category: { type: 'integer', comment: '' },
    price: { type: 'integer', comment: '' },
    name: { type: 'text', comment: '' },
  },
};
const COUNT = {
  name: 'count',
  sql: 'SELECT category, count(*) AS items, sum(price) AS prices FROM items GROUP BY category ORDER BY category',
  reference: () => [],
};
const ROWS = 500_000;
const BATCH = 500;

const directory = mkdtempSync(join(tmpdir(), 'everopen-bench-'));
const store = await sqliteStore({ path: join(directory, 'store.db') })({
  cluster: 'bench',
  epoch: 1,
  tables: [TABLE],
});
let blockedMs = 0;
let last = performance.now();
const ticks = setInterval(() => {
  blockedMs = Math.max(blockedMs, performance.now() - last - 1);
  last = performance.now();
}, 1);

async function writeAll(title, shift) {
  const start = performance.now();
  let busyMs = 0;
  for (let from = 0; from < ROWS; from += BATCH) {
    const changes = [];
    for (let id = from; id < from + BATCH; id++) {
      const row = { id, category: (id + shift) % 10, price: id + shift, name: `Item number ${id}` };
      changes.push({ table: TABLE, key: [id], row });
    }
    const began = performance.now();
    await store.write(store.position + BATCH, changes);
    busyMs += performance.now() - began;
    if (from % 50_000 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      void store.checkpoint();
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const rate = Math.round(ROWS / (busyMs / 1000));
  console.log(`${title}: ${Math.round(ROWS / seconds)} rows/s, ${rate} rows/s while writing`);
}

await writeAll('insert', 0);
await writeAll('update', 1);
await store.checkpoint();
await new Promise((resolve) => setTimeout(resolve, 20));
blockedMs = 0;
const start = performance.now();
const rows = await store.query(COUNT, []);
console.log(`a query over ${ROWS} rows: ${(performance.now() - start).toFixed(0)} ms, ${rows.length} groups`);
console.log(`the calling thread was held up for ${blockedMs.toFixed(1)} ms meanwhile`);
clearInterval(ticks);
await store.close();
rmSync(directory, { recursive: true });
