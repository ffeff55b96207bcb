import {
  BUYER_ROUTES,
  type Cart,
  type Feedback,
  type Item,
  type Items,
  type Purchase,
  type Purchases,
  type SellerRating,
} from '@everopen/contract/rest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endedToken, logIn } from '../../accounts/test/world/accounts-world.ts';
import { refusesBadInput } from '../../accounts/test/world/bad-input.ts';
import { http, newKey } from '../../accounts/test/world/http.ts';
import { DECLINED_CARD, GOOD_CARD, openBuyersWorld, type BuyersWorld } from '../test/rest/buyers-world.ts';

let world: BuyersWorld;
let here = '';
let there = '';
let names = 0;

beforeAll(async () => {
  world = await openBuyersWorld();
  [here, there] = world.buyers;
});
afterAll(async () => {
  await world.close();
  expect(world.errors).toEqual([]);
});

const newBuyer = (): Promise<string> => logIn(here, `buyer-${++names}`);

const put = (token: string, itemId: number, quantity: number, key?: string) =>
  http<Cart>(here, 'POST', '/v1/cart/lines', {
    token,
    body: { itemId, quantity },
    ...(key === undefined ? {} : { key }),
  });

const linesOf = (cart: Cart) =>
  cart.lines.map(({ itemId, quantity, unitPriceMinor, currency }) => ({
    itemId,
    quantity,
    unitPriceMinor,
    currency,
  }));

async function buy(
  token: string,
  options: { card?: object; key?: string; base?: string; lines?: object[] } = {},
) {
  const lines = options.lines ?? linesOf((await http<Cart>(here, 'GET', '/v1/cart', { token })).body);
  return http<Purchase>(options.base ?? here, 'POST', '/v1/purchases', {
    token,
    key: options.key ?? newKey(),
    body: { lines, card: options.card ?? GOOD_CARD },
  });
}

describe('browsing', () => {
  it('M11: finds by category and keywords, two matches before one, sold-out items hidden', async () => {
    const both = await world.list({ name: 'Both', category: 7, keywords: ['m11a', 'm11b'] });
    const one = await world.list({ name: 'One', category: 7, keywords: ['m11a'] });
    const elsewhere = await world.list({ name: 'Elsewhere', category: 6, keywords: ['m11a', 'm11b'] });
    const find = async (query: string): Promise<number[]> => {
      const { status, body } = await http<Items>(there, 'GET', `/v1/items?${query}`);
      expect(status).toBe(200);
      return body.items.map(({ itemId }) => itemId);
    };
    expect(await find('category=7&keyword=m11a&keyword=m11b')).toEqual([both.itemId, one.itemId]);
    expect(await find('keyword=m11b')).toEqual([elsewhere.itemId, both.itemId]);
    expect(await find('keyword=m11a&keyword=m11b&category=7&minPriceMinor=1300')).toEqual([]);
    expect(await find('q=elsew&category=6')).toEqual([elsewhere.itemId]);
    const six = await http(
      here,
      'GET',
      '/v1/items?keyword=a&keyword=b&keyword=c&keyword=d&keyword=e&keyword=f',
    );
    expect([six.status, six.problem.errors?.[0]?.field]).toEqual([400, 'keyword']);
  });

  it('M11: pages through a search, each item once; a cursor of another search is refused', async () => {
    for (let i = 0; i < 5; i++) await world.list({ name: `Page ${i}`, category: 8 });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/v1/items?category=8&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: { body: Items } = await http<Items>(here, 'GET', path);
      seen.push(...page.body.items.map(({ name }) => name));
      cursor = page.body.nextCursor;
      if (cursor !== null) {
        const forged = await http(here, 'GET', `/v1/items?category=7&limit=2&cursor=${cursor}`);
        expect([forged.status, forged.problem.code]).toEqual([400, 'InvalidArgument']);
      }
    }
    expect(seen).toEqual(['Page 4', 'Page 3', 'Page 2', 'Page 1', 'Page 0']);
  });

  it('M12: shows one item to anybody; an unknown id is 404', async () => {
    const { itemId } = await world.list();
    const { status, body } = await http<Item>(here, 'GET', `/v1/items/${itemId}`);
    expect([status, body.name, body.priceMinor, body.currency]).toEqual([200, 'Brass lamp', 1299, 'EUR']);
    // What is the seller's business alone.
    expect(body).not.toHaveProperty('reserved');
    expect(body).not.toHaveProperty('sold');
    const unknown = await http(here, 'GET', '/v1/items/999999');
    expect([unknown.status, unknown.problem.code]).toEqual([404, 'NotFound']);
  });

  it('M12: a browsing read asks any replica that has seen what this client has seen', async () => {
    const { itemId } = await world.list();
    const known = await http(here, 'GET', `/v1/items/${itemId}`);
    const position = known.headers.get('everopen-position') ?? '';
    expect(position).toMatch(/^products=1:\d+$/);
    const again = await http(here, 'GET', `/v1/items/${itemId}`, {
      headers: { 'everopen-position': position },
    });
    expect(again.status).toBe(200);
  });

  it("M19: shows a seller's rating; an unknown seller is 404", async () => {
    const { sellerId } = await world.list();
    const { status, body } = await http<SellerRating>(here, 'GET', `/v1/sellers/${sellerId}/rating`);
    expect([status, body]).toEqual([
      200,
      { sellerId, displayName: expect.any(String), thumbsUp: 0, thumbsDown: 0, itemsSold: 0 },
    ]);
    expect((await http(here, 'GET', '/v1/sellers/999999/rating')).status).toBe(404);
  });
});

describe('the cart', () => {
  it('M13: adds up, sets, removes some, removes a line, clears; with unit prices, line totals and a total', async () => {
    const token = await newBuyer();
    const lamp = await world.list();
    const cup = await world.list({ name: 'Cup', priceMinor: 250 });
    await put(token, lamp.itemId, 2);
    const { body: added } = await put(token, lamp.itemId, 1);
    expect(added.lines).toMatchObject([
      { name: 'Brass lamp', quantity: 3, unitPriceMinor: 1299, lineTotalMinor: 3897 },
    ]);
    const { body: two } = await put(token, cup.itemId, 4);
    expect(two.totals).toEqual([{ currency: 'EUR', totalMinor: 4897 }]);
    expect(two.orderable).toBe(true);

    const change = async (method: string, path: string, body?: object) =>
      (await http<Cart>(there, method, path, { token, ...(body === undefined ? {} : { body }) })).body;
    const quantities = (cart: Cart) => cart.lines.map(({ quantity }) => quantity);
    const linePath = `/v1/cart/lines/${lamp.itemId}`;
    expect(quantities(await change('DELETE', `${linePath}?quantity=2`))).toEqual([1, 4]);
    expect(quantities(await change('PUT', linePath, { quantity: 5 }))).toEqual([5, 4]);
    expect(quantities(await change('DELETE', linePath))).toEqual([4]);
    const cleared = await change('DELETE', '/v1/cart');
    expect(cleared).toEqual({ lines: [], totals: [], orderable: false });
  });

  it('M13: refuses more than the stock, with what is left, adding up with what the cart holds', async () => {
    const token = await newBuyer();
    const { itemId } = await world.list({ quantity: 3 });
    await put(token, itemId, 2);
    const { status, problem } = await put(token, itemId, 2);
    expect([status, problem.code]).toEqual([409, 'OutOfStock']);
    expect(problem.details).toMatchObject({ available: 3, inCart: 2 });
    expect((await http<Cart>(here, 'GET', '/v1/cart', { token })).body.lines[0]?.quantity).toBe(2);
    expect((await put(token, 999_999, 1)).problem.code).toBe('NotFound');
    const remove = await http(here, 'DELETE', `/v1/cart/lines/${itemId}?quantity=3`, { token });
    expect([remove.status, remove.problem.code]).toEqual([404, 'NotInCart']);
  });

  it('M13: is one for all sessions of a buyer, and survives logout', async () => {
    const first = await logIn(here, 'two-sessions');
    const { itemId } = await world.list();
    await put(first, itemId, 2);
    await http(here, 'DELETE', '/v1/sessions/current', { token: first });
    const second = await logIn(there, 'two-sessions');
    expect((await http<Cart>(there, 'GET', '/v1/cart', { token: second })).body.lines).toHaveLength(1);
  });

  it('M17: an addition whose answer was lost is repeated, added once, though the stock has changed since', async () => {
    const token = await newBuyer();
    const { itemId } = await world.list({ quantity: 5 });
    const key = newKey();
    world.databases.fail('addToCart', 'lost answer');
    expect((await put(token, itemId, 3, key)).problem.code).toBe('Unknown');
    const other = await newBuyer();
    await put(other, itemId, 2);
    expect((await buy(other)).status).toBe(201);
    const again = await put(token, itemId, 3, key);
    expect([again.status, again.body.lines[0]?.quantity, again.body.lines[0]?.available]).toEqual([
      200, 3, 3,
    ]);
  });
});

describe('purchases', () => {
  it('M14: pays for the cart: order, stock, history, counters and an empty cart, before the answer', async () => {
    const token = await newBuyer();
    const { itemId, sellerId } = await world.list();
    await put(token, itemId, 2);
    const bought = await buy(token);
    expect(bought.status).toBe(201);
    expect(bought.body).toMatchObject({ state: 'paid', totalMinor: 2598, currency: 'EUR', code: null });
    expect(bought.body.lines).toMatchObject([{ itemId, sellerId, name: 'Brass lamp', quantity: 2 }]);
    expect(bought.headers.get('location')).toBe(bought.body.link);

    expect((await http<Item>(there, 'GET', `/v1/items/${itemId}`)).body.available).toBe(8);
    expect((await http<Cart>(there, 'GET', '/v1/cart', { token })).body.lines).toEqual([]);
    const { body: history } = await http<Purchases>(there, 'GET', '/v1/purchases', { token });
    expect(history.purchases).toMatchObject([
      { state: 'paid', orderId: bought.body.orderId, totalMinor: 2598 },
    ]);
    const rating = await http<SellerRating>(there, 'GET', `/v1/sellers/${sellerId}/rating`);
    expect(rating.body.itemsSold).toBe(2);
    const link = await http<Purchase>(there, 'GET', bought.body.link, { token });
    expect(link.body).toMatchObject({ state: 'paid', orderId: bought.body.orderId });
  });

  it('M15: a declined card, an invalid card and an empty cart change nothing', async () => {
    const token = await newBuyer();
    const { itemId } = await world.list();
    const nothing = await buy(token, {
      lines: [{ itemId, quantity: 1, unitPriceMinor: 1299, currency: 'EUR' }],
    });
    expect([nothing.status, nothing.problem.code]).toEqual([409, 'CartEmpty']);
    await put(token, itemId, 1);
    const charges = world.payment.ledger.size;
    const invalid = await buy(token, { card: { ...GOOD_CARD, number: '4111 1111 1111 1112' } });
    expect([invalid.status, invalid.problem.code]).toEqual([400, 'InvalidCard']);
    expect(invalid.problem.errors?.[0]?.field).toBe('card.number');
    expect(JSON.stringify(invalid.problem)).not.toContain('1112');
    const expired = await buy(token, { card: { ...GOOD_CARD, expiryYear: 2020 } });
    expect([expired.problem.code, expired.problem.errors?.[0]?.field]).toEqual([
      'InvalidCard',
      'card.expiryYear',
    ]);
    expect(world.payment.ledger.size).toBe(charges);
    const declined = await buy(token, { card: DECLINED_CARD });
    expect([declined.status, declined.problem.code]).toEqual([402, 'PaymentDeclined']);
    expect((await http<Cart>(here, 'GET', '/v1/cart', { token })).body.lines[0]?.quantity).toBe(1);
    expect((await http<Item>(here, 'GET', `/v1/items/${itemId}`)).body.available).toBe(10);
    expect((await buy(token)).status).toBe(201);
  });

  it('refuses an order at prices, or of lines, that the buyer has not seen', async () => {
    const token = await newBuyer();
    const { itemId } = await world.list();
    await put(token, itemId, 1);
    const line = { itemId, quantity: 1, unitPriceMinor: 1298, currency: 'EUR' };
    const price = await buy(token, { lines: [line] });
    expect([price.status, price.problem.code]).toEqual([409, 'PriceChanged']);
    const changed = await buy(token, { lines: [{ ...line, unitPriceMinor: 1299, quantity: 2 }] });
    expect([changed.status, changed.problem.code]).toEqual([409, 'CartChanged']);
    expect((await http<Cart>(here, 'GET', '/v1/cart', { token })).body.lines[0]?.quantity).toBe(1);
  });

  it('M17: a purchase repeated under its key on another server is charged once, and answered the same', async () => {
    const token = await newBuyer();
    const { itemId } = await world.list();
    await put(token, itemId, 1);
    const { body: cart } = await http<Cart>(here, 'GET', '/v1/cart', { token });
    const key = newKey();
    const lines = linesOf(cart);
    const charges = world.payment.ledger.size;
    const answers = await Promise.all([
      buy(token, { key, lines }),
      buy(token, { key, lines, base: there }),
      buy(token, { key: key.toUpperCase(), lines }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.orderId)).size).toBe(1);
    expect(world.payment.ledger.size).toBe(charges + 1);
  });

  it('M17: a refused purchase repeated under its key on another server is refused in the same words', async () => {
    const token = await newBuyer();
    const { itemId } = await world.list();
    await put(token, itemId, 1);
    const lines = [{ itemId, quantity: 1, unitPriceMinor: 1298, currency: 'EUR' }];
    const key = newKey();
    const first = await buy(token, { key, lines });
    expect(first.problem).toMatchObject({
      code: 'PriceChanged',
      details: { lines: [{ itemId, expectedMinor: 1298, priceMinor: 1299 }] },
    });
    for (const base of [there, here]) {
      const again = await buy(token, { key, lines, base });
      expect(again.status).toBe(first.status);
      expect({ ...again.problem, requestId: '' }).toEqual({ ...first.problem, requestId: '' });
    }
    const { body } = await http<Purchase>(there, 'GET', `/v1/purchases/by-key/${key}`, { token });
    expect(body).toMatchObject({ state: 'refused', code: 'PriceChanged' });
  });

  it('M16: of 20 buyers at once exactly as many get the item as there are units', async () => {
    const { itemId } = await world.list({ quantity: 6 });
    const tokens = await Promise.all(Array.from({ length: 20 }, newBuyer));
    for (const token of tokens) await put(token, itemId, 1);
    const answers = await Promise.all(
      tokens.map((token, i) => buy(token, { base: i % 2 === 0 ? here : there })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(6);
    const refused = answers.filter(({ status }) => status !== 201).map(({ problem }) => problem.code);
    expect(new Set(refused)).toEqual(new Set(['OutOfStock']));
    expect((await http<Item>(here, 'GET', `/v1/items/${itemId}`)).body.available).toBe(0);
  });

  it('answers 202 with a link while payment is away, and goes on with the same key', async () => {
    const token = await newBuyer();
    const { itemId } = await world.list();
    await put(token, itemId, 1);
    const lines = linesOf((await http<Cart>(here, 'GET', '/v1/cart', { token })).body);
    const key = newKey();
    world.payment.available = false;
    const pending = await buy(token, { key, lines });
    expect([pending.status, pending.body.state, pending.body.orderId]).toEqual([202, 'pending', null]);
    expect(Number(pending.headers.get('retry-after'))).toBeGreaterThan(0);
    const looked = await http<Purchase>(there, 'GET', pending.headers.get('location') ?? '', { token });
    expect(looked.body).toMatchObject({ state: 'pending', totalMinor: 1299 });
    const { body: history } = await http<Purchases>(there, 'GET', '/v1/purchases', { token });
    expect(history.purchases[0]).toMatchObject({ state: 'pending', key, totalMinor: 1299 });
    world.payment.available = true;
    const paid = await buy(token, { key, lines, base: there });
    expect([paid.status, paid.body.state]).toEqual([201, 'paid']);
  });

  it("nobody sees another's purchase", async () => {
    const token = await newBuyer();
    const { itemId } = await world.list();
    await put(token, itemId, 1);
    const { body } = await buy(token);
    const other = await newBuyer();
    const foreign = await http(here, 'GET', body.link, { token: other });
    const unknown = await http(here, 'GET', `/v1/purchases/by-key/${newKey()}`, { token: other });
    const { requestId: _one, ...first } = foreign.problem;
    const { requestId: _two, ...second } = unknown.problem;
    expect(first).toEqual(second);
    expect(first.status).toBe(404);
  });

  it('M20: shows the history newest first, page by page', async () => {
    const token = await newBuyer();
    const orders: (number | null)[] = [];
    for (let i = 0; i < 3; i++) {
      await put(token, (await world.list()).itemId, 1);
      orders.unshift((await buy(token)).body.orderId);
    }
    const { body: first } = await http<Purchases>(here, 'GET', '/v1/purchases?limit=2', { token });
    const path = `/v1/purchases?limit=2&cursor=${first.nextCursor}`;
    const { body: second } = await http<Purchases>(there, 'GET', path, { token });
    expect([...first.purchases, ...second.purchases].map(({ orderId }) => orderId)).toEqual(orders);
    expect(second.nextCursor).toBeNull();
  });

  it('M18: feedback on a purchased item counts once', async () => {
    const token = await newBuyer();
    const { itemId, sellerId } = await world.list();
    const rate = () =>
      http<Feedback>(here, 'POST', '/v1/feedback', { token, body: { itemId, thumbsUp: true } });
    const early = await rate();
    expect([early.status, early.problem.code]).toEqual([403, 'NotPurchased']);
    await put(token, itemId, 1);
    await buy(token);
    expect((await rate()).body).toEqual({ itemId, sellerId, thumbsUp: true });
    const twice = await rate();
    expect([twice.status, twice.problem.code]).toEqual([409, 'AlreadyRated']);
    const rating = await http<SellerRating>(there, 'GET', `/v1/sellers/${sellerId}/rating`);
    expect([rating.body.thumbsUp, rating.body.thumbsDown]).toEqual([1, 0]);
  });
});

describe('bad input', () => {
  let token = '';
  let sellers = '';
  let ended = '';
  const lines = [{ itemId: 1, quantity: 1, unitPriceMinor: 1299, currency: 'EUR' }];
  beforeAll(async () => {
    token = await newBuyer();
    sellers = await logIn(world.seller, 'edge');
    ended = await endedToken(here, 'edge');
  });
  refusesBadInput(
    BUYER_ROUTES,
    {
      search: { path: '/v1/items' },
      item: { path: '/v1/items/1' },
      sellerRating: { path: '/v1/sellers/1/rating' },
      cart: { path: '/v1/cart' },
      addToCart: { path: '/v1/cart/lines', body: { itemId: 1, quantity: 1 } },
      setCartLine: { path: '/v1/cart/lines/1', body: { quantity: 1 } },
      removeFromCart: { path: '/v1/cart/lines/1' },
      clearCart: { path: '/v1/cart' },
      purchase: { path: '/v1/purchases', body: { lines, card: GOOD_CARD } },
      purchaseByKey: { path: `/v1/purchases/by-key/${newKey()}` },
      purchases: { path: '/v1/purchases' },
      giveFeedback: { path: '/v1/feedback', body: { itemId: 1, thumbsUp: true } },
    },
    {
      base: () => here,
      token: () => token,
      otherRolesToken: () => sellers,
      endedToken: () => ended,
      digest: () => world.databases.digest(),
    },
  );
});
