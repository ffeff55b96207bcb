import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBuyerServer } from '@everopen/buyer-server';
import { createBuyerClient, createSellerClient, linesOf, makeKey } from '@everopen/client';
import { undiciTransport } from '@everopen/client/node';
import { isCodedError, silentLogger, type RunningService } from '@everopen/core';
import { startCustomersDb } from '@everopen/customers-db';
import { startPayment, TEST_CARDS } from '@everopen/payment';
import { startProductsDb } from '@everopen/products-db';
import { startSellerServer } from '@everopen/seller-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Every component for real, in one process: gRPC, SOAP and REST over sockets, logs and stores on disk. */

const PASSWORD = 'plum tree by the gate';
const clusterKey = 'the-cluster-key-of-this-test';
const tokenSecret = 'the token secret of this test, long enough';
const address = { host: '127.0.0.1', port: 0 };
const card = {
  holderName: 'Ada Lovelace',
  number: TEST_CARDS.approved[0],
  expiryMonth: 12,
  expiryYear: new Date().getUTCFullYear() + 3,
  securityCode: '123',
};

let directory = '';
const running: RunningService[] = [];
let sellerServers: string[] = [];
let buyerServers: string[] = [];
let firstBuyerServer: RunningService;
const failures: unknown[] = [];
const logger = {
  ...silentLogger,
  error: (facts: object, message: string) => void failures.push([message, facts]),
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'everopen-rest-'));
  const onFatal = (error: Error): void => void failures.push(error);
  const start = async (service: Promise<RunningService>): Promise<RunningService> => {
    running.unshift(await service);
    return running[0] as RunningService;
  };
  const replica = (name: string) =>
    ({
      member: 'a',
      members: ['a'],
      address,
      dataDirectory: join(directory, name),
      clusterId: `${name}-of-a-test`,
      clusterKey,
      engine: 'solo',
      store: 'sqlite',
      logger,
      onFatal,
    }) as const;
  const customers = await start(startCustomersDb(replica('customers')));
  const products = await start(startProductsDb(replica('products')));
  const payment = await start(
    startPayment({ address, dataDirectory: join(directory, 'payment'), clusterKey, logger, onFatal }),
  );
  const host = ({ address: at }: RunningService): string => `${at.host}:${at.port}`;
  const config = {
    address,
    customersDb: [host(customers)],
    productsDb: [host(products)],
    clusterKey,
    tokenSecret,
    currency: 'EUR',
    logger,
    paymentUrl: `http://${host(payment)}/payment`,
    purchase: { sweepPauseMs: 100 },
  };
  const sellers = [await start(startSellerServer(config)), await start(startSellerServer(config))];
  const buyers = [await start(startBuyerServer(config)), await start(startBuyerServer(config))];
  firstBuyerServer = buyers[0] as RunningService;
  sellerServers = sellers.map((server) => `http://${host(server)}`);
  buyerServers = buyers.map((server) => `http://${host(server)}`);
});
afterAll(async () => {
  for (const service of running) await service.stop();
  await rm(directory, { recursive: true, force: true });
  expect(failures).toEqual([]);
});

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return error.code;
  }
}

describe('the marketplace over REST', () => {
  it('M1, S8: sells: list, search, cart, purchase, history, feedback, rating, with the client library', async () => {
    const seller = createSellerClient({ servers: sellerServers, transport: undiciTransport() });
    await seller.register({ username: 'ada', password: PASSWORD, displayName: 'Ada' });
    await seller.logIn({ username: 'ada', password: PASSWORD });
    const { item } = await seller.listItem({
      name: 'Brass lamp',
      category: 4,
      keywords: ['lamp'],
      condition: 'used',
      priceMinor: 1299,
      quantity: 5,
    });
    await seller.changePrice(item.itemId, 999);
    expect((await seller.addUnits(item.itemId, 2)).available).toBe(7);
    expect((await seller.removeUnits(item.itemId, 1)).available).toBe(6);

    const buyer = createBuyerClient({ servers: buyerServers });
    await buyer.register({ username: 'bob', password: PASSWORD, displayName: 'Bob' });
    await buyer.logIn({ username: 'bob', password: PASSWORD, label: 'test' });
    // Search follows the seller's position only if the client knows it; here it waits for its own reads.
    const found = await buyer.search({ category: 4, keywords: ['lamp'], text: 'brass' });
    expect(found.items).toMatchObject([{ itemId: item.itemId, priceMinor: 999 }]);
    expect((await buyer.item(item.itemId)).name).toBe('Brass lamp');

    await buyer.addToCart(item.itemId, 3);
    await buyer.removeFromCart(item.itemId, 1);
    const cart = await buyer.cart();
    expect(cart.totals).toEqual([{ currency: 'EUR', totalMinor: 1998 }]);
    const purchase = await buyer.purchase({ lines: linesOf(cart), card });
    expect(purchase).toMatchObject({ state: 'paid', totalMinor: 1998 });
    expect((await buyer.cart()).lines).toEqual([]);
    expect((await buyer.item(item.itemId)).available).toBe(4);
    expect((await buyer.purchases()).purchases).toMatchObject([{ orderId: purchase.orderId, state: 'paid' }]);
    expect((await buyer.purchaseByKey(purchase.key)).orderId).toBe(purchase.orderId);

    await buyer.giveFeedback(item.itemId, true);
    expect(await codeOf(buyer.giveFeedback(item.itemId, false))).toBe('AlreadyRated');
    const publicRating = await buyer.sellerRating(item.sellerId);
    expect(publicRating).toMatchObject({ thumbsUp: 1, thumbsDown: 0, itemsSold: 2 });
    const { sales, ...ownRating } = await seller.rating();
    expect(ownRating).toEqual(publicRating);
    expect(sales).toEqual({
      orders: 1,
      unitsSold: 2,
      revenue: [{ currency: 'EUR', totalMinor: 1998 }],
    });
    // The item's own counters follow through the outbox.
    await expect.poll(async () => (await buyer.item(item.itemId)).thumbsUp).toBe(1);
    expect((await buyer.account()).itemsBought).toBe(2);
    await Promise.all([seller.close(), buyer.close()]);
  });

  it('M4: a logout on one server is refused on the other at once', async () => {
    const [here = '', there = ''] = buyerServers;
    const first = createBuyerClient({ servers: [here] });
    await first.register({ username: 'm4', password: PASSWORD, displayName: 'M4' });
    await first.logIn({ username: 'm4', password: PASSWORD });
    const second = createBuyerClient({ servers: [there], state: first.state });
    expect((await second.account()).username).toBe('m4');
    await first.logOut();
    expect(await codeOf(second.account())).toBe('Unauthenticated');
  });

  it('M15: a declined card leaves cart and stock as they were', async () => {
    const seller = createSellerClient({ servers: sellerServers });
    await seller.logIn({ username: 'ada', password: PASSWORD });
    const { item } = await seller.listItem({
      name: 'Tin kettle',
      category: 3,
      condition: 'new',
      priceMinor: 500,
      quantity: 2,
    });
    const buyer = createBuyerClient({ servers: buyerServers });
    await buyer.logIn({ username: 'bob', password: PASSWORD });
    const cart = await buyer.addToCart(item.itemId, 2);
    const declined = { ...card, number: TEST_CARDS.declined[0] };
    expect(await codeOf(buyer.purchase({ lines: linesOf(cart), card: declined }))).toBe('PaymentDeclined');
    expect((await buyer.cart()).lines).toMatchObject([{ itemId: item.itemId, quantity: 2, available: 2 }]);
    await buyer.clearCart();
  });

  it('M6, S3: when its server dies the client goes on at another, its session and its call intact', async () => {
    const [here = '', there = ''] = buyerServers;
    // 0: begins with the first server.
    const buyer = createBuyerClient({ servers: [here, there], random: () => 0 });
    await buyer.logIn({ username: 'bob', password: PASSWORD });
    const { items } = await buyer.search({ category: 4 });
    const itemId = items[0]?.itemId ?? 0;
    const cart = await buyer.addToCart(itemId, 1);
    const key = makeKey();
    const request = { lines: linesOf(cart), card };
    const first = await buyer.purchase(request, { key });
    await firstBuyerServer.stop();
    const again = await buyer.purchase(request, { key });
    expect(again.orderId).toBe(first.orderId);
    expect((await buyer.purchases()).purchases.filter((purchase) => purchase.key === key)).toHaveLength(1);
    await buyer.close();
  });
});
