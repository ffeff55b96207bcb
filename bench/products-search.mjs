/**
 * Searches of a SQLite store with many items: median, 99th percentile and worst, in milliseconds.
 *
 *   npm run build && node --max-old-space-size=4096 bench/products-search.mjs [--items 1000000] [--folder DIR]
 *
 * With `--folder` the store is kept there and used again by the next run.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { ProductsMachine, searchItems } from '@everopen/products-db';
import { sqliteStore } from '@everopen/replica';
import { command, createCatalog, createRunner } from './products-catalog.mjs';

const { values } = parseArgs({
  options: { items: { type: 'string', default: '1000000' }, folder: { type: 'string' } },
});
const items = Number(values.items);
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'everopen-search-'));
const machine = new ProductsMachine();
const catalog = createCatalog();
const path = join(folder, `products-${items}.db`);
const isNew = !existsSync(path);
const store = await sqliteStore({ path })({ cluster: 'bench', epoch: 1, tables: machine.tables.schemas });
if (isNew) await fill();

const common = catalog.words.slice(0, 5);
const rare = catalog.words.slice(-5);
const all = { keywords: [], text: '', condition: 0, sort: 0, limit: 20, cursor: '' };
const searches = {
  'one category': { category: 3 },
  'everything, cheapest first': { sort: 2 },
  'the most common keyword': { keywords: common.slice(0, 1) },
  'the most common keyword in a category': { keywords: common.slice(0, 1), category: 3 },
  'five common keywords': { keywords: common },
  'five common keywords in a category': { keywords: common, category: 3 },
  'five common keywords, cheapest first': { keywords: common, sort: 2 },
  'five rare keywords': { keywords: rare },
  'one letter': { text: 'b' },
  'three letters': { text: 'bac' },
  'two words, one of them common': { text: `${common[0]} ${rare[0]}` },
  'a price that nothing has': { minPriceMinor: 200_000 },
  'a common keyword at a price that nothing has': { keywords: common.slice(0, 1), minPriceMinor: 200_000 },
  'a common keyword, condition and price': {
    keywords: common.slice(0, 1),
    condition: 1,
    maxPriceMinor: 1_000,
  },
};
const ask = (named, parameters) => store.query(named.query, named.bind(parameters));
for (const [name, change] of Object.entries(searches)) {
  const times = [];
  let found = 0;
  for (let run = 0; run < 60; run++) {
    const started = performance.now();
    found = (await searchItems({ ...all, ...change }, ask)).items.length;
    if (run >= 10) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share) =>
    Number(times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(2));
  console.log({ name, found, median: at(0.5), p99: at(0.99), worst: at(1) });
}
await store.close();
if (values.folder === undefined) rmSync(folder, { recursive: true });

async function fill() {
  const run = createRunner(machine);
  let changes = [];
  let position = 0;
  let writing = 0;
  while (machine.state.items.size < items) {
    changes.push(...run(command('listItem', catalog.listItem(1_000))));
    position++;
    if (changes.length < 10_000 && machine.state.items.size < items) continue;
    const started = performance.now();
    await store.write(position, changes);
    writing += performance.now() - started;
    changes = [];
    if (position % 50_000 < 1_000) await store.checkpoint();
  }
  await store.checkpoint();
  console.log({ items, storeMicrosecondsPerItem: Math.round((1_000 * writing) / items) });
}
