import { CheckoutState, Purchase } from '@everopen/contract/customers';
import { Item, Order, OrderState } from '@everopen/contract/products';
import type { LedgerEntry } from '@everopen/payment';
import { describe, expect, it } from 'vitest';
import type { Books } from './books.ts';
import { INVARIANTS } from './invariants/all.ts';
import { checkBooks, runAudit } from './run-audit.ts';

const line = { itemId: 1, quantity: 2, unitPriceMinor: 500, currency: 'EUR', sellerId: 9, name: 'Lamp' };

/** One item, ten units, one recorded order of two. Each test changes one thing. */
function goodBooks() {
  return {
    items: [Item.create({ itemId: 1, sellerId: 9, initial: 10, available: 8, sold: 2, currency: 'EUR' })],
    orders: [
      Order.create({
        orderId: 5,
        orderKey: 'k',
        buyerId: 3,
        state: OrderState.RECORDED,
        lines: [line],
        totalMinor: 1000,
        currency: 'EUR',
      }),
    ],
    purchases: [
      Purchase.create({
        orderId: 5,
        checkoutKey: 'k',
        buyerId: 3,
        state: CheckoutState.RECORDED,
        lines: [line],
      }),
    ],
    ledger: [{ number: 1, key: 'k', outcome: 'charged', amountMinor: 1000, currency: 'EUR' } as LedgerEntry],
    replicas: [
      { database: 'products' as const, address: 'a', applied: 7, digest: 'd' },
      { database: 'products' as const, address: 'b', applied: 7, digest: 'd' },
      { database: 'products' as const, address: 'c', applied: 6, digest: 'other, but earlier' },
    ],
  };
}

type Mutable = ReturnType<typeof goodBooks>;

const KNOWN_BAD: [string, string, (books: Mutable) => void][] = [
  ['a unit that vanished', 'stock', ({ items: [item] }) => item!.available--],
  ['a negative stock', 'stock', ({ items: [item] }) => ((item!.available = -1), (item!.initial = 1))],
  ['a unit sold twice', 'stock', ({ items: [item] }) => (item!.sold++, item!.available--)],
  ['units reserved by nobody', 'stock', ({ items: [item] }) => (item!.reserved++, item!.available--)],
  [
    'one key with two orders',
    'orders',
    ({ orders }) => orders.push(Order.create({ orderId: 6, orderKey: 'k' })),
  ],
  [
    'two orders with one id',
    'orders',
    ({ orders }) => orders.push(Order.create({ orderId: 5, orderKey: 'l' })),
  ],
  ['a total that does not add up', 'orders', ({ orders: [order] }) => (order!.totalMinor = 999)],
  ['a charge without an order', 'money', ({ ledger }) => ledger.push({ ...ledger[0]!, number: 2, key: 'x' })],
  ['a double charge', 'money', ({ ledger }) => ledger.push({ ...ledger[0]!, number: 2 })],
  ['a charge of another amount', 'money', ({ ledger }) => (ledger[0] = { ...ledger[0]!, amountMinor: 1 })],
  ['a charge in another currency', 'money', ({ ledger }) => (ledger[0] = { ...ledger[0]!, currency: 'USD' })],
  ['a paid order without a charge', 'money', ({ ledger }) => ledger.pop()],
  ['a charge that was voided', 'money', ({ ledger }) => (ledger[0] = { ...ledger[0]!, outcome: 'voided' })],
  ['a charge for a cancelled order', 'money', ({ orders: [order] }) => (order!.state = OrderState.CANCELLED)],
  ['an order lost from the history', 'history', ({ purchases }) => purchases.pop()],
  ['an order twice in the history', 'history', ({ purchases }) => purchases.push(purchases[0]!)],
  [
    'a purchase that never was',
    'history',
    ({ purchases }) => purchases.push({ ...purchases[0]!, orderId: 77 }),
  ],
  ['a purchase of another buyer', 'history', ({ purchases: [purchase] }) => (purchase!.buyerId = 4)],
  [
    'a purchase at another price',
    'history',
    ({ purchases: [p] }) => (p!.lines = [{ ...line, unitPriceMinor: 1 }]),
  ],
  [
    'a reserved order in the history',
    'history',
    ({ orders: [order] }) => (order!.state = OrderState.RESERVED),
  ],
  ['an order left half done', 'finished', ({ orders: [order] }) => (order!.state = OrderState.PAID)],
  ['replicas that differ', 'digests', ({ replicas }) => (replicas[1] = { ...replicas[1]!, digest: 'x' })],
];

describe('O9: the invariants of the shop', () => {
  it('hold for good books', () => {
    expect(checkBooks(goodBooks())).toEqual([]);
  });

  it.each(KNOWN_BAD)('catch %s', (_, invariant, spoil) => {
    const books = goodBooks();
    spoil(books);
    expect(checkBooks(books).map((violation) => violation.invariant)).toContain(invariant);
  });

  it('are each shown to fail by a known-bad book', () => {
    expect(new Set(KNOWN_BAD.map(([, name]) => name))).toEqual(new Set(INVARIANTS.map(({ name }) => name)));
  });
});

describe('O9: an audit', () => {
  const inTurn = (all: Books[]) => {
    let round = 0;
    return () => Promise.resolve(all[Math.min(round++, all.length - 1)] as Books);
  };
  const spoiled = (index: number): Books => {
    const books = goodBooks();
    (KNOWN_BAD[index] as (typeof KNOWN_BAD)[number])[2](books);
    return books;
  };

  it('waits for a purchase that is under way', async () => {
    const report = await runAudit(inTurn([spoiled(20), goodBooks()]), { pauseMs: 1 });
    expect(report).toMatchObject({ clean: true, rounds: 2, counts: { orders: 1, charges: 1, unitsSold: 2 } });
  });

  it('does not add up different purchases that were under way in different rounds', async () => {
    const report = await runAudit(inTurn([spoiled(0), spoiled(20), spoiled(14)]), { pauseMs: 1 });
    expect(report).toMatchObject({ clean: true, rounds: 2 });
  });

  it('reports what does not settle, in words', async () => {
    const report = await runAudit(inTurn([spoiled(8)]), { pauseMs: 1, settleMs: 20 });
    expect(report.clean).toBe(false);
    expect(report.invariants.flatMap(({ violations }) => violations)).toEqual([
      'The key k was charged twice',
    ]);
  });

  it('names amounts of money as people do', () => {
    const books = goodBooks();
    books.ledger[0] = { ...(books.ledger[0] as LedgerEntry), amountMinor: 5 };
    expect(checkBooks(books).map(({ message }) => message)).toEqual([
      'Order 5 is over 10.00 EUR, but 0.05 EUR were charged',
    ]);
  });
});
