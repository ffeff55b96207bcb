/**
 * CPU of the products state machine per command, with the tables' bookkeeping (undo, digest, changes).
 *
 *   npm run build && node bench/products-apply.mjs [--items 100000] [--commands 50000]
 */
import { parseArgs } from 'node:util';
import { cryptoRandom, formatUuid, uuidV7 } from '@everopen/core';
import { ProductsMachine } from '@everopen/products-db';
import { command, createCatalog, createRunner } from './products-catalog.mjs';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    commands: { type: 'string', default: '50000' },
  },
});
const count = Number(values.commands);
const nowMs = Date.UTC(2027, 0, 1);
const machine = new ProductsMachine();
const run = createRunner(machine, nowMs);
const catalog = createCatalog();
for (let i = 0; i < Number(values.items); i++) run(command('listItem', catalog.listItem(1_000)));

const { random } = catalog;
const items = [...machine.state.items.values()].filter((item) => item.available >= 50);
const orders = Array.from({ length: count }, (_, i) => ({
  orderKey: formatUuid(uuidV7(nowMs, cryptoRandom)),
  buyerId: i + 1,
  lines: [random.pick(items)].map((item) => ({
    itemId: item.item_id,
    quantity: 1,
    unitPriceMinor: item.price_minor,
    currency: item.currency,
    sellerId: 0,
    name: '',
  })),
}));

measure(
  'listItem',
  Array.from({ length: count }, () => command('listItem', catalog.listItem(1_000))),
);
measure(
  'addUnits',
  Array.from({ length: count }, () => {
    const item = machine.state.items.get(1 + random.below(1_000));
    return command('addUnits', { sellerId: item.seller_id, itemId: item.item_id, quantity: 1 });
  }),
);
measure(
  'placeOrder',
  orders.map((order) => command('placeOrder', order)),
);
measure(
  'confirmOrder',
  orders.map(({ orderKey }) => command('confirmOrder', { orderKey, paymentReference: 'p' })),
);
measure(
  'markOrderRecorded',
  orders.map(({ orderKey }) => command('markOrderRecorded', { orderKey })),
);

function measure(name, payloads) {
  let refused = 0;
  const before = process.cpuUsage();
  for (const payload of payloads) {
    try {
      run(payload);
    } catch (error) {
      if (error.code === undefined) throw error;
      refused++;
    }
  }
  const { user, system } = process.cpuUsage(before);
  const microseconds = ((user + system) / payloads.length).toFixed(1);
  console.log({ node: process.version, name, microseconds, commands: payloads.length, refused });
}
