/**
 * Memory of the products state machine, indexes included, per item. Goal: at most 1 KB.
 *
 *   npm run build && node --expose-gc --max-old-space-size=4096 bench/products-memory.mjs [--items 1000000]
 */
import { parseArgs } from 'node:util';
import { ProductsMachine } from '@everopen/products-db';
import { command, createCatalog, createRunner } from './products-catalog.mjs';

const { values } = parseArgs({ options: { items: { type: 'string', default: '1000000' } } });
const items = Number(values.items);

const machine = new ProductsMachine();
const run = createRunner(machine);
const catalog = createCatalog();
const used = () => {
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { bytes: heapUsed + external, rss };
};

const before = used();
while (machine.state.items.size < items) run(command('listItem', catalog.listItem(1_000)));
const after = used();
console.log({
  node: process.version,
  items: machine.state.items.size,
  bytesPerItem: Math.round((after.bytes - before.bytes) / items),
  rssMegabytes: Math.round(after.rss / 2 ** 20),
});
