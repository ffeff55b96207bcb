/**
 * Memory of the customers state machine, indexes included: per account, then per open session, per cart of
 * three lines, and per purchase whose checkout is still remembered. One account in ten is a seller, without
 * cart and purchase. Goal: at most 0.5 KB an account at a million accounts.
 *
 *   npm run build && node --expose-gc --max-old-space-size=4096 bench/customers-memory.mjs [--accounts 1000000]
 */
import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { CustomersCommand, Role } from '@everopen/contract/customers';
import { cryptoRandom, formatUuid, uuidV7 } from '@everopen/core';
import { createCustomersMachine } from '@everopen/customers-db';

const { values } = parseArgs({ options: { accounts: { type: 'string', default: '1000000' } } });
const accounts = Number(values.accounts);
const nowMs = Date.UTC(2027, 0, 1);
const machine = createCustomersMachine();
let position = 0;

const keyOf = (accountId) => createHash('sha256').update(`session ${accountId}`).digest();
const base64 = (bytes) => randomBytes(bytes).toString('base64').replaceAll('=', '');

grow('account', (i) =>
  run('createAccount', {
    role: i % 10 === 0 ? Role.SELLER : Role.BUYER,
    username: `somebody.${i}`,
    displayName: `Somebody ${i}`,
    passwordHash: `$argon2id$v=19$m=19456,t=2,p=1$${base64(16)}$${base64(32)}`,
  }),
);
grow('session', (i) =>
  run('openSession', {
    accountId: i + 1,
    role: i % 10 === 0 ? Role.SELLER : Role.BUYER,
    passwordVersion: 1,
    sessionKey: keyOf(i + 1),
    label: 'Firefox on Linux',
  }),
);
grow('cart of three lines', (i) => {
  if (i % 10 === 0) return;
  for (let line = 0; line < 3; line++) {
    const itemId = 1 + ((i * 7 + line) % 1_000_000);
    run('addToCart', { sessionKey: keyOf(i + 1), itemId, quantity: 1, available: 1_000 });
  }
});
for (let i = 0; i < accounts; i++)
  if (i % 10 > 0) run('clearCart', { sessionKey: keyOf(i + 1), role: Role.BUYER });
const line = (i) => ({ itemId: 1 + i, quantity: 1, unitPriceMinor: 500, currency: 'EUR' });
grow('recorded purchase of one item', (i) => {
  if (i % 10 === 0) return;
  const sessionKey = keyOf(i + 1);
  const checkoutKey = formatUuid(uuidV7(nowMs, cryptoRandom));
  run('addToCart', { sessionKey, itemId: 1 + i, quantity: 1, available: 1_000 });
  run('beginCheckout', { sessionKey, checkoutKey, lines: [line(i)] });
  const lines = [{ ...line(i), sellerId: 1, name: 'Something used' }];
  run('recordPurchase', { checkoutKey, orderId: i + 1, lines, paymentReference: 'charge 1' });
});

function run($case, value) {
  const payload = CustomersCommand.encode({ command: { $case, value } }).finish();
  machine.tables.begin();
  machine.apply(payload, { position: ++position, nowMs, featureLevel: 0 });
  machine.tables.commit();
}

function grow(what, add) {
  const before = used();
  for (let i = 0; i < accounts; i++) add(i);
  const after = used();
  console.log({
    node: process.version,
    accounts,
    what,
    bytesEach: Math.round((after.bytes - before.bytes) / accounts),
    rssMegabytes: Math.round(after.rss / 2 ** 20),
  });
}

function used() {
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { bytes: heapUsed + external, rss };
}
