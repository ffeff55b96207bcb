/**
 * CPU of the customers state machine per command, with the tables' bookkeeping (undo, digest, changes).
 * Goal: at most 10 µs for adding to a cart.
 *
 *   npm run build && node bench/customers-apply.mjs [--accounts 100000] [--commands 100000]
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { CustomersCommand, Role } from '@everopen/contract/customers';
import { cryptoRandom, formatUuid, uuidV7 } from '@everopen/core';
import { createCustomersMachine } from '@everopen/customers-db';

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '100000' },
    commands: { type: 'string', default: '100000' },
  },
});
const accounts = Number(values.accounts);
const commands = Number(values.commands);
let nowMs = Date.UTC(2027, 0, 1);
const machine = createCustomersMachine();
let position = 0;

const passwordHash = `$argon2id$v=19$m=19456,t=2,p=1$${'s'.repeat(22)}$${'h'.repeat(43)}`;
const sessionKeys = Array.from({ length: accounts }, (_, i) => createHash('sha256').update(`${i}`).digest());
const account = (i) => ({
  role: Role.BUYER,
  username: `buyer.${i}`,
  displayName: `Buyer ${i}`,
  passwordHash,
});
const session = (i) => ({
  accountId: i + 1,
  role: Role.BUYER,
  passwordVersion: 1,
  sessionKey: sessionKeys[i],
  label: '',
});
const own = (i) => ({ sessionKey: sessionKeys[i % accounts], role: Role.BUYER });
const change = (i) => ({ ...own(i), itemId: 1 + ((i * 31) % 10_000), quantity: 1, available: 1_000_000 });

measure('createAccount', payloads('createAccount', account, accounts));
measure('openSession', payloads('openSession', session, accounts));
measure('addToCart, first line', payloads('addToCart', change, commands));
measure('addToCart, same line', payloads('addToCart', change, commands));
measure(
  'addToCart, second to fourth line',
  payloads('addToCart', (i) => change(i + accounts * (1 + (i % 3))), commands),
);
nowMs += 31_000;
measure('touchSession', payloads('touchSession', own, Math.min(accounts, commands)));
measure('clearCart', payloads('clearCart', own, Math.min(accounts, commands)));

const buyers = Math.min(accounts, commands);
for (const payload of payloads('addToCart', change, buyers)) run(payload);
const keys = Array.from({ length: buyers }, () => formatUuid(uuidV7(nowMs, cryptoRandom)));
const line = (i) => ({ itemId: change(i).itemId, quantity: 1, unitPriceMinor: 500, currency: 'EUR' });
const begin = (i) => ({ ...own(i), checkoutKey: keys[i], lines: [line(i)] });
const record = (i) => ({
  checkoutKey: keys[i],
  orderId: i + 1,
  lines: [{ ...line(i), sellerId: 1 + (i % 100), name: 'Something used' }],
  paymentReference: 'charge 1',
});
measure('beginCheckout, one line', payloads('beginCheckout', begin, buyers));
measure('recordPurchase, one line', payloads('recordPurchase', record, buyers));
const feedback = (i) => ({ ...own(i), itemId: line(i).itemId, thumbsUp: i % 3 > 0 });
measure('giveFeedback', payloads('giveFeedback', feedback, buyers));

function payloads($case, value, count) {
  return Array.from({ length: count }, (_, i) =>
    CustomersCommand.encode({ command: { $case, value: value(i) } }).finish(),
  );
}

function run(payload) {
  machine.tables.begin();
  machine.apply(payload, { position: ++position, nowMs, featureLevel: 0 });
  machine.tables.commit();
}

function measure(name, all) {
  const before = process.cpuUsage();
  for (const payload of all) run(payload);
  const { user, system } = process.cpuUsage(before);
  const microseconds = ((user + system) / all.length).toFixed(1);
  console.log({ node: process.version, name, microseconds, commands: all.length });
}
