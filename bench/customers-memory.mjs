/**
 * Memory of the customers state machine, indexes included: per account, then per open session and per cart
 * of three lines. Goal: at most 0.5 KB an account at a million accounts.
 *
 *   npm run build && node --expose-gc --max-old-space-size=4096 bench/customers-memory.mjs [--accounts 1000000]
 */
import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { CustomersCommand, Role } from '@everopen/contract/customers';
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
