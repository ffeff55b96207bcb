import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@everopen/core';
import { CheckoutState, Role, type Purchase } from '@everopen/contract/customers';
import { afterEach, describe, expect, it } from 'vitest';
import {
  buy,
  newKey,
  newPerson,
  refusalOf,
  register,
  startTestServer,
  type TestServer,
} from '../test/customers-server.ts';
import { linesOf, PLENTY } from '../test/customers-world.ts';
import { startCustomersDb } from './start-customers-db.ts';

const running: TestServer[] = [];

async function start(store: 'sqlite' | 'memory'): Promise<TestServer> {
  const server = await startTestServer(store);
  running.push(server);
  return server;
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

describe.each(['sqlite', 'memory'] as const)('a restart with the store %s', (store) => {
  it('M6, M20: keeps accounts, sessions, carts, checkouts, history, ratings and the outbox', async () => {
    const server = await start(store);
    const seller = await newPerson(server.client, Role.SELLER, 'sam');
    const buyer = await newPerson(server.client, Role.BUYER, 'ada');
    const own = { sessionKey: buyer.sessionKey, role: Role.BUYER };
    const recorded = await buy(server.client, buyer, [1, 2], { sellerId: seller.accountId, orderId: 11 });
    await server.client.giveFeedback(
      { sessionKey: buyer.sessionKey, itemId: 1, thumbsUp: true },
      { key: newKey() },
    );
    const add = async (itemId: number) =>
      server.client.addToCart(
        { sessionKey: buyer.sessionKey, itemId, quantity: 1, available: PLENTY },
        { key: newKey() },
      );
    await add(3);
    const lines = linesOf([{ itemId: 3, quantity: 1 }]);
    const open = { checkoutKey: newKey(), sessionKey: buyer.sessionKey, lines };
    await server.client.beginCheckout(open);
    await add(4);

    const look = async (): Promise<unknown> => {
      const { client } = server;
      const session = { ...(await client.checkSession(own)).response, touchDue: false };
      return {
        session,
        account: (await client.getAccount({ accountId: buyer.accountId })).response,
        credentials: (await client.getCredentials({ role: Role.SELLER, username: 'sam' })).response,
        cart: (await client.getCart(own)).response,
        open: (await client.getCheckout({ checkoutKey: open.checkoutKey })).response,
        recorded: (await client.getCheckout({ checkoutKey: recorded })).response,
        history: (await client.listPurchases({ sessionKey: own.sessionKey, beforeOrderId: 0, limit: 10 }))
          .response,
        rating: (await client.getSellerRating({ sellerId: seller.accountId })).response,
        outbox: (await client.listUndeliveredFeedback({ limit: 10 })).response,
      };
    };
    const before = await look();
    await server.restart();
    expect(await look()).toEqual(before);
    expect((await server.client.abortCheckout(open)).response.state).toBe(CheckoutState.ABORTED);
    expect((await server.client.getCart(own)).response.lines).toEqual([
      { itemId: 4, quantity: 1 },
      { itemId: 3, quantity: 1 },
    ]);
  });

  it('M17: remembers the answers it gave', async () => {
    const server = await start(store);
    const buyer = await newPerson(server.client, Role.BUYER, 'ada');
    const request = { sessionKey: buyer.sessionKey, itemId: 1, quantity: 1, available: PLENTY };
    const key = newKey();
    const first = await server.client.addToCart(request, { key });
    await server.client.addToCart(request, { key: newKey() });
    await server.restart();
    const again = await server.client.addToCart(request, { key });
    expect(again.response).toEqual(first.response);
    expect(again.position).toBe(first.position);
    const { response } = await server.client.getCart({ sessionKey: buyer.sessionKey, role: Role.BUYER });
    expect(response.lines).toEqual([{ itemId: 1, quantity: 2 }]);
  });
});

describe('the customers database as a server', () => {
  it('M2: of a hundred concurrent attempts at one username, one gets it', async () => {
    const { client } = await start('sqlite');
    const attempts = await Promise.allSettled(
      Array.from({ length: 100 }, () => register(client, Role.BUYER, 'ada')),
    );
    const created = attempts.filter((attempt) => attempt.status === 'fulfilled');
    expect(created).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'UsernameTaken' });
    }
    expect((await client.getStatus({})).response.counts['accounts']).toBe(1);
  });

  it('M20: the history shows what is under way first, then pages, newest first', async () => {
    const { client } = await start('sqlite');
    const seller = await newPerson(client, Role.SELLER, 'sam');
    const [buyer, other] = [
      await newPerson(client, Role.BUYER, 'ada'),
      await newPerson(client, Role.BUYER, 'bob'),
    ];
    for (const orderId of [1, 2, 4, 5]) {
      await buy(client, buyer, [1, 2], { sellerId: seller.accountId, orderId });
    }
    await buy(client, other, [9], { sellerId: seller.accountId, orderId: 3 });
    await client.addToCart(
      { sessionKey: buyer.sessionKey, itemId: 7, quantity: 3, available: 3 },
      { key: newKey() },
    );
    const checkoutKey = newKey();
    const lines = linesOf([{ itemId: 7, quantity: 3 }]);
    await client.beginCheckout({ checkoutKey, sessionKey: buyer.sessionKey, lines });

    const page = async (beforeOrderId: number) =>
      (await client.listPurchases({ sessionKey: buyer.sessionKey, beforeOrderId, limit: 3 })).response;
    const first = await page(0);
    expect(first.purchases.map((purchase) => purchase.orderId)).toEqual([0, 5, 4, 2]);
    expect(first.nextBeforeOrderId).toBe(2);
    expect(first.purchases[0]).toMatchObject({
      checkoutKey,
      state: CheckoutState.OPEN,
      lines: [{ itemId: 7, quantity: 3, unitPriceMinor: 500, sellerId: 0, name: '' }],
    });
    expect(first.purchases[1]).toMatchObject({
      state: CheckoutState.RECORDED,
      paymentReference: 'charge 5',
      buyerId: buyer.accountId,
      lines: [
        { itemId: 1, sellerId: seller.accountId, name: 'item 1', quantity: 2, currency: 'EUR' },
        { itemId: 2, name: 'item 2' },
      ],
    });
    const last = await page(first.nextBeforeOrderId);
    expect(last.purchases.map((purchase) => purchase.orderId)).toEqual([1]);
    expect(last.nextBeforeOrderId).toBe(0);

    const streamed: Purchase[] = [];
    for await (const purchase of client.streamPurchases({ afterOrderId: 1 })) streamed.push(purchase);
    expect(streamed.map((purchase) => purchase.orderId)).toEqual([2, 3, 4, 5]);
    expect(streamed[0]).toEqual(first.purchases[3]);
  });

  it('M20: the stream of purchases goes on over many pages, orders with one id included', async () => {
    const { client } = await start('memory');
    const buyers = await Promise.all(
      Array.from({ length: 23 }, (_, i) => newPerson(client, Role.BUYER, `buyer ${i}`)),
    );
    await Promise.all(
      buyers.map(async (buyer, i) => {
        for (let n = 0; n < 10; n++)
          await buy(client, buyer, [1], { sellerId: 1, orderId: i === 0 ? 1_000 : i * 10 + n });
      }),
    );
    const ids: number[] = [];
    for await (const { orderId } of client.streamPurchases({ afterOrderId: 0 })) ids.push(orderId);
    expect(ids).toHaveLength(230);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(ids.filter((id) => id === 1_000)).toHaveLength(10);
  });

  it('M14: a read at the position of a write sees it', async () => {
    const { client } = await start('sqlite');
    const buyer = await newPerson(client, Role.BUYER, 'ada');
    const request = { sessionKey: buyer.sessionKey, itemId: 1, quantity: 1, available: 1 };
    const { position } = await client.addToCart(request, { key: newKey() });
    const read = await client.getCart(
      { sessionKey: buyer.sessionKey, role: Role.BUYER },
      { readAt: position },
    );
    expect(read.response.lines).toHaveLength(1);
    expect(read.position).toMatch(/^1:\d+$/);
    for (const readAt of ['nonsense', '1:-1', '1:1; DROP TABLE carts']) {
      const error = await refusalOf(client.getAccount({ accountId: 1 }, { readAt }));
      expect(error.code).toBe('InvalidArgument');
    }
  });

  it('refuses a configuration that cannot work, and a folder of another cluster', async () => {
    const server = await start('memory');
    const config = {
      member: 'customers-db-0',
      members: ['customers-db-0'],
      address: { host: '127.0.0.1', port: 0 },
      dataDirectory: server.dataDirectory,
      clusterId: 'another',
      clusterKey: 'k',
      engine: 'solo' as const,
      store: 'memory' as const,
      logger: silentLogger,
      onFatal: () => {},
    };
    const codeOf = async (bad: Partial<typeof config>) =>
      (await refusalOf(startCustomersDb({ ...config, ...bad }))).code;
    expect(await codeOf({})).toBe('WrongCluster');
    expect(await codeOf({ member: 'stranger' })).toBe('InvalidArgument');
    expect(await codeOf({ members: ['customers-db-0', 'customers-db-1'] })).toBe('InvalidArgument');
    expect(await codeOf({ clusterId: 'test' })).toBe('InUse');
  });

  it('does not begin a lost log anew', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'everopen-customers-'));
    const startAgain = () =>
      startCustomersDb({
        member: 'customers-db-0',
        members: ['customers-db-0'],
        address: { host: '127.0.0.1', port: 0 },
        dataDirectory,
        clusterId: 'test',
        clusterKey: 'k',
        engine: 'solo',
        store: 'memory',
        logger: silentLogger,
        onFatal: () => {},
      });
    await (await startAgain()).stop();
    await rm(join(dataDirectory, 'log'), { recursive: true });
    expect((await refusalOf(startAgain())).code).toBe('NotFound');
    await rm(dataDirectory, { recursive: true });
  });
});
