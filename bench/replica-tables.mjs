// CPU of a small command (apply, row changes, digest) and memory of a million rows.
// Run: npm run build && node --expose-gc bench/replica-tables.mjs
import { Tables } from '../packages/replica/dist/index.js';

const ROWS = 1_000_000;
const column = (type) => ({ type, comment: '' });
const integers = (...names) => Object.fromEntries(names.map((name) => [name, column('integer')]));
const texts = (...names) => Object.fromEntries(names.map((name) => [name, column('text')]));

const ITEMS = {
  name: 'items',
  comment: '',
  resident: true,
  primaryKey: ['id'],
  columns: {
    ...integers('id', 'seller', 'category', 'condition', 'price', 'available', 'reserved', 'sold'),
    ...integers('created_ms', 'up', 'down', 'revision'),
    ...texts('name', 'currency', 'keywords'),
  },
};
const ACCOUNTS = {
  name: 'accounts',
  comment: '',
  resident: true,
  primaryKey: ['id'],
  columns: { ...integers('id', 'role', 'created_ms', 'version'), ...texts('username', 'display', 'hash') },
};
const LINES = {
  name: 'cart_lines',
  comment: '',
  resident: true,
  primaryKey: ['buyer', 'item'],
  columns: integers('buyer', 'item', 'quantity', 'price', 'added_ms'),
};

const tables = new Tables();
const items = tables.resident(ITEMS);
const itemsBySeller = tables.index(items, (item) => item.seller);
const accounts = tables.resident(ACCOUNTS);
const accountByName = tables.index(accounts, (account) => account.username);
const lines = tables.resident(LINES);
const linesByBuyer = tables.index(lines, (line) => line.buyer);

function measure(title, count, work) {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    tables.begin();
    work(i);
    tables.commit();
  }
  const cpu = process.cpuUsage(start);
  globalThis.gc?.();
  const after = process.memoryUsage();
  const used = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const us = (cpu.user + cpu.system) / count;
  console.log(`${title.padEnd(28)} ${us.toFixed(2)} µs CPU, ${Math.round(used / count)} bytes kept`);
}

const nowMs = Date.UTC(2027, 0, 1);
measure('put an item', ROWS, (id) => {
  items.put({
    id,
    seller: id % 20_000,
    category: id % 10,
    condition: id % 2,
    price: 1000 + id,
    available: 100,
    reserved: 0,
    sold: 0,
    created_ms: nowMs + id,
    up: 0,
    down: 0,
    revision: 1,
    name: `Wooden chair number ${id}`,
    currency: 'EUR',
    keywords: `chair,wood,k${id % 1000}`,
  });
});
measure('create an account', ROWS, (id) => {
  const hash = `$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$${id}aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo`;
  const names = { username: `buyer-${id}`, display: `Buyer ${id}` };
  accounts.put({ id, role: id & 1, created_ms: nowMs + id, version: 1, ...names, hash });
});
measure('add to a cart', ROWS, (i) => {
  const account = accountByName.get(`buyer-${i % 100_000}`)[0];
  const item = items.get((i * 7919) % ROWS);
  if (linesByBuyer.count(account.id) >= 80) return;
  const before = lines.get(account.id, item.id);
  const quantity = (before?.quantity ?? 0) + 1;
  lines.put({ buyer: account.id, item: item.id, quantity, price: item.price, added_ms: nowMs });
});
measure('change a price', ROWS, (id) => {
  const item = items.get(id);
  items.put({ ...item, price: item.price + 1, revision: item.revision + 1 });
});
console.log(`digest ${tables.digest()}, ${itemsBySeller.count(1)} items of one seller`);
