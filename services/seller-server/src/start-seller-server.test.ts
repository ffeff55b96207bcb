import {
  SELLER_ROUTES,
  type Items,
  type ListItemAnswer,
  type OwnRating,
  type SellerItem,
  type SellerItems,
} from '@everopen/contract/rest';
import type { RunningService } from '@everopen/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endedToken, logIn, testConfig, urlOf } from '../../accounts/test/world/accounts-world.ts';
import { refusesBadInput } from '../../accounts/test/world/bad-input.ts';
import { http, newKey } from '../../accounts/test/world/http.ts';
import { openTestDatabases, type TestDatabases } from '../../accounts/test/world/test-databases.ts';
import { watchedLogger } from '../../accounts/test/world/watched-logger.ts';
import { createShopServer } from '../../accounts/src/shop-server.ts';
import { startSellerServer } from './start-seller-server.ts';

let databases: TestDatabases;
let servers: RunningService[];
let here = '';
let there = '';
let ada = '';
let bob = '';
let buyer = '';
let ended = '';
const logger = watchedLogger();

beforeAll(async () => {
  databases = await openTestDatabases();
  const config = testConfig(databases, logger);
  const buyers = await createShopServer('buyer', { title: 'b', description: 'b' }, config, databases);
  servers = [
    await startSellerServer(config, databases),
    await startSellerServer(config, databases),
    await buyers.listen(),
  ];
  const [first, second, third] = servers.map(urlOf);
  here = first as string;
  there = second as string;
  ada = await logIn(here, 'ada');
  bob = await logIn(there, 'bob');
  buyer = await logIn(third as string, 'carol');
  ended = await endedToken(here, 'ada');
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await databases.close();
  expect(logger.errors).toEqual([]);
});

const lamp = {
  name: 'Brass lamp',
  category: 4,
  keywords: ['lamp', 'brass'],
  condition: 'used',
  priceMinor: 1299,
  quantity: 3,
};

async function list(token: string, changes: object = {}): Promise<SellerItem> {
  const { status, body } = await http<ListItemAnswer>(here, 'POST', '/v1/items', {
    token,
    body: { ...lamp, ...changes },
  });
  expect(status).toBe(201);
  return body.item;
}

describe('listings', () => {
  it("M7: puts an item up for sale, at the shop's currency unless another is named", async () => {
    const item = await list(ada);
    const { quantity: available, ...said } = lamp;
    expect(item).toMatchObject({
      ...said,
      keywords: ['brass', 'lamp'],
      currency: 'EUR',
      available,
      sold: 0,
    });
    expect((await list(ada, { currency: 'USD' })).currency).toBe('USD');
  });

  it('M7: accepts the limits, and refuses what is beyond them', async () => {
    const attempt = async (changes: object) =>
      (await http(here, 'POST', '/v1/items', { token: bob, body: { ...lamp, ...changes } })).problem;
    await list(bob, { name: 'n'.repeat(32), category: 9, keywords: ['a', 'b', 'c', 'd', 'e'.repeat(8)] });
    const refused: [object, string][] = [
      [{ name: 'n'.repeat(33) }, 'name'],
      [{ name: '' }, 'name'],
      [{ category: 10 }, 'category'],
      [{ category: -1 }, 'category'],
      [{ keywords: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'keywords'],
      [{ keywords: ['ninechars'] }, 'keywords[0]'],
      [{ condition: 'broken' }, 'condition'],
      [{ priceMinor: 12.99 }, 'priceMinor'],
      [{ priceMinor: 0 }, 'priceMinor'],
      [{ priceMinor: 1_000_000_001 }, 'priceMinor'],
      [{ priceMinor: '1299' }, 'priceMinor'],
      [{ quantity: 0 }, 'quantity'],
      [{ quantity: -3 }, 'quantity'],
      [{ currency: 'XAU' }, 'currency'],
      [{ sellerId: 1 }, 'sellerId'],
    ];
    for (const [changes, field] of refused) {
      const problem = await attempt(changes);
      expect([problem.code, problem.errors?.[0]?.field], field).toEqual(['InvalidArgument', field]);
    }
  });

  it('M8: changes price and units; search-visible at once through another server', async () => {
    const item = await list(ada, { name: 'Oak table' });
    const price = await http<SellerItem>(there, 'PATCH', `/v1/items/${item.itemId}/price`, {
      token: ada,
      body: { priceMinor: 999 },
    });
    expect([price.status, price.body.priceMinor]).toEqual([200, 999]);
    const units = async (body: object) =>
      http<SellerItem>(here, 'POST', `/v1/items/${item.itemId}/units`, { token: ada, body });
    expect((await units({ add: 4 })).body.available).toBe(7);
    expect((await units({ remove: 2 })).body.available).toBe(5);
    const tooMany = await units({ remove: 6 });
    expect([tooMany.status, tooMany.problem.code]).toEqual([409, 'NotEnoughUnits']);
    expect(tooMany.problem.details).toMatchObject({ available: 5 });
    expect((await units({ remove: 5 })).body.available).toBe(0);
    for (const body of [{}, { add: 1, remove: 1 }]) expect((await units(body)).status).toBe(400);
  });

  it('M8: only the owner changes an item, and unknown items are not found', async () => {
    const item = await list(ada);
    const price = { token: bob, body: { priceMinor: 1 } };
    const foreign = await http(here, 'PATCH', `/v1/items/${item.itemId}/price`, price);
    expect([foreign.status, foreign.problem.code]).toEqual([403, 'NotOwner']);
    const units = { token: bob, body: { remove: 1 } };
    expect((await http(here, 'POST', `/v1/items/${item.itemId}/units`, units)).problem.code).toBe('NotOwner');
    expect((await http(here, 'PATCH', '/v1/items/999999/price', price)).problem.code).toBe('NotFound');
  });

  it('M9: an equal listing grows instead of being listed twice', async () => {
    const first = await list(bob, { name: 'Tin kettle' });
    const again = await http<ListItemAnswer>(there, 'POST', '/v1/items', {
      token: bob,
      body: { ...lamp, name: 'Tin kettle', keywords: ['brass', 'lamp'] },
    });
    expect(again.body).toMatchObject({ merged: true, item: { itemId: first.itemId, available: 6 } });
  });

  it("M10: shows own items, newest first, page by page, and nobody else's", async () => {
    const dora = await logIn(here, 'dora');
    for (let i = 0; i < 5; i++) await list(dora, { name: `Cup ${i}` });
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/v1/items?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: { body: SellerItems } = await http<SellerItems>(there, 'GET', path, { token: dora });
      names.push(...page.body.items.map(({ name }) => name));
      cursor = page.body.nextCursor;
    }
    expect(names).toEqual(['Cup 4', 'Cup 3', 'Cup 2', 'Cup 1', 'Cup 0']);
  });

  it('M10: shows the own rating, zeros before the first sale', async () => {
    const erin = await logIn(here, 'erin');
    const { status, body } = await http<OwnRating>(here, 'GET', '/v1/rating', { token: erin });
    expect(status).toBe(200);
    expect(body).toMatchObject({ displayName: 'erin', thumbsUp: 0, thumbsDown: 0, itemsSold: 0 });
    expect(body.sales).toEqual({ orders: 0, unitsSold: 0, revenue: [] });
  });

  it('M17: a listing whose answer was lost is repeated under its key, and listed once', async () => {
    const key = newKey();
    const body = { ...lamp, name: 'Clay pot' };
    databases.fail('listItem', 'lost answer');
    const lost = await http(here, 'POST', '/v1/items', { token: ada, key, body });
    expect([lost.status, lost.problem.code, lost.problem.retry]).toEqual([503, 'Unknown', 'same-key']);
    expect(lost.headers.get('retry-after')).toBe('1');
    const again = await http<ListItemAnswer>(there, 'POST', '/v1/items', { token: ada, key, body });
    expect([again.status, again.body.merged, again.body.item.available]).toEqual([201, false, 3]);
    const third = await http<ListItemAnswer>(here, 'POST', '/v1/items', { token: ada, key, body });
    expect(third.body).toEqual(again.body);
    const other = await http(here, 'POST', '/v1/items', { token: ada, key, body: { ...body, quantity: 4 } });
    expect([other.status, other.problem.code]).toEqual([422, 'KeyReused']);
  });

  it('reads its own writes on every server: positions travel with the client', async () => {
    const listed = await http<ListItemAnswer>(here, 'POST', '/v1/items', {
      token: bob,
      body: { ...lamp, name: 'Far lamp' },
    });
    const position = listed.headers.get('everopen-position') ?? '';
    expect(position).toMatch(/^customers=1:\d+, products=1:\d+$/);
    const seen = await http<SellerItems>(there, 'GET', '/v1/items?limit=1', {
      token: bob,
      headers: { 'everopen-position': position },
    });
    expect(seen.body.items[0]?.name).toBe('Far lamp');
  });

  it('X: a forged position neither hangs nor fails a request', async () => {
    for (const position of ['products=1:999999999999', 'products=77:5', 'customers=1:1, products=none']) {
      const answer = await http<Items>(here, 'GET', '/v1/items', {
        token: ada,
        headers: { 'everopen-position': position },
      });
      expect(answer.status, position).toBe(200);
    }
  });
});

describe('bad input', () => {
  let itemPath = '';
  const examples = {
    listItem: { path: '/v1/items', body: { ...lamp, currency: 'EUR' } },
    changePrice: { path: '', body: { priceMinor: 100 } },
    changeUnits: { path: '', body: { add: 1 } },
    ownItems: { path: '/v1/items' },
    ownRating: { path: '/v1/rating' },
  };
  beforeAll(async () => {
    itemPath = `/v1/items/${(await list(ada, { name: 'Edge lamp' })).itemId}`;
    examples.changePrice.path = `${itemPath}/price`;
    examples.changeUnits.path = `${itemPath}/units`;
  });
  refusesBadInput(SELLER_ROUTES, examples, {
    base: () => here,
    token: () => ada,
    otherRolesToken: () => buyer,
    endedToken: () => ended,
    digest: () => databases.digest(),
  });
});
