import { LIMITS } from '@everopen/contract';
import { CheckoutState, CustomersService, Role } from '@everopen/contract/customers';
import { cryptoRandom, formatUuid, uuidV7 } from '@everopen/core';
import { connectGrpc } from '@everopen/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buy,
  CLUSTER_KEY,
  login,
  newKey,
  newPerson,
  refusalOf,
  register,
  startTestServer,
  type CustomersClient,
  type TestServer,
} from '../../test/customers-server.ts';
import { linesOf, PASSWORD_HASH, PLENTY, sessionKey, type Person } from '../../test/customers-world.ts';

let server: TestServer;
let client: CustomersClient;
let buyer: Person;
let seller: Person;

beforeAll(async () => {
  server = await startTestServer();
  client = server.client;
  buyer = await newPerson(client, Role.BUYER, 'ada');
  seller = await newPerson(client, Role.SELLER, 'sam');
});

afterAll(() => server.stop());

/** Applied commands and digest, once no clock report is on its way. */
async function quietStatus(): Promise<{ applied: number; digest: string }> {
  for (let before = -1; ;) {
    const { applied, digest } = (await client.getStatus({})).response;
    if (applied === before) return { applied, digest };
    before = applied;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const write = () => ({ key: newKey() });
type Method = keyof CustomersClient;
type Call = (request: unknown, options?: { key?: string }) => Promise<{ response: unknown }>;
const call = (method: Method): Call => client[method] as unknown as Call;

/** A good request of every method that takes one; tests spoil one field at a time. */
function goodRequest(method: Method): Record<string, unknown> {
  const own = { sessionKey: buyer.sessionKey, role: Role.BUYER };
  const cart = { sessionKey: buyer.sessionKey, itemId: 1, quantity: 1, available: PLENTY };
  const lines = linesOf([{ itemId: 1, quantity: 1 }]);
  const requests: Partial<Record<Method, Record<string, unknown>>> = {
    createAccount: { role: Role.BUYER, username: 'new', passwordHash: PASSWORD_HASH, displayName: 'New' },
    getCredentials: { role: Role.BUYER, username: 'ada' },
    getAccount: { accountId: 1 },
    changePassword: { ...own, passwordVersion: 1, passwordHash: PASSWORD_HASH },
    openSession: { ...own, accountId: 1, passwordVersion: 1, sessionKey: sessionKey('x'), label: '' },
    checkSession: own,
    touchSession: own,
    closeSession: own,
    listSessions: own,
    endSession: { ...own, sessionNumber: 999 },
    getCart: own,
    addToCart: cart,
    removeFromCart: cart,
    setCartLine: cart,
    clearCart: own,
    beginCheckout: { checkoutKey: newKey(), sessionKey: buyer.sessionKey, lines },
    abortCheckout: { checkoutKey: newKey() },
    getCheckout: { checkoutKey: newKey() },
    recordPurchase: {
      checkoutKey: newKey(),
      orderId: 1,
      lines: lines.map((line) => ({ ...line, sellerId: 1, name: 'a name' })),
      paymentReference: 'p',
    },
    listOpenCheckouts: { begunBeforeUnixMs: 0, limit: 1 },
    listPurchases: { sessionKey: buyer.sessionKey, beforeOrderId: 0, limit: 1 },
    giveFeedback: { sessionKey: buyer.sessionKey, itemId: 1, thumbsUp: true },
    getSellerRating: { sellerId: 1 },
    listUndeliveredFeedback: { limit: 1 },
    acknowledgeFeedback: { upToFeedbackNumber: 1 },
  };
  return requests[method] ?? {};
}

const WRITES: readonly Method[] = [
  ...([
    'createAccount',
    'changePassword',
    'openSession',
    'touchSession',
    'closeSession',
    'endSession',
  ] as const),
  ...(['addToCart', 'removeFromCart', 'setCartLine', 'clearCart', 'giveFeedback'] as const),
];
const OF_A_SESSION: readonly Method[] = [
  ...([
    'changePassword',
    'checkSession',
    'touchSession',
    'closeSession',
    'listSessions',
    'endSession',
  ] as const),
  ...(['getCart', 'addToCart', 'removeFromCart', 'setCartLine', 'clearCart'] as const),
  ...(['beginCheckout', 'listPurchases', 'giveFeedback'] as const),
];
const OF_A_ROLE: readonly Method[] = [
  ...(['createAccount', 'getCredentials', 'changePassword', 'openSession', 'checkSession'] as const),
  ...(['touchSession', 'closeSession', 'listSessions', 'endSession', 'getCart', 'clearCart'] as const),
];
const OF_A_CHECKOUT: readonly Method[] = ['beginCheckout', 'abortCheckout', 'getCheckout', 'recordPurchase'];
const OF_A_PAGE: readonly Method[] = ['listOpenCheckouts', 'listPurchases', 'listUndeliveredFeedback'];
const line = { itemId: 1, quantity: 1, unitPriceMinor: 1, currency: 'EUR', sellerId: 1, name: 'n' };
const manyLines = Array.from({ length: LIMITS.cartLines + 1 }, (_, i) => ({ ...line, itemId: i + 1 }));

const SPOILED: readonly (readonly [method: Method, field: string, bad: Record<string, unknown>])[] = [
  ...OF_A_SESSION.flatMap((method) => [
    [method, 'session_key', { sessionKey: Buffer.alloc(0) }] as const,
    [method, 'session_key', { sessionKey: Buffer.alloc(33) }] as const,
  ]),
  ...OF_A_ROLE.flatMap((method) => [
    [method, 'role', { role: 0 }] as const,
    [method, 'role', { role: 3 }] as const,
    [method, 'role', { role: -1 }] as const,
  ]),
  ...OF_A_CHECKOUT.flatMap((method) => [
    [method, 'checkout_key', { checkoutKey: '' }] as const,
    [method, 'checkout_key', { checkoutKey: "x' OR '1'='1" }] as const,
    [method, 'checkout_key', { checkoutKey: '00000000-0000-4000-8000-000000000000' }] as const,
  ]),
  ...OF_A_PAGE.flatMap((method) => [
    [method, 'limit', { limit: 0 }] as const,
    [method, 'limit', { limit: LIMITS.pageMax + 1 }] as const,
    [method, 'limit', { limit: 2 ** 32 - 1 }] as const,
  ]),
  ['createAccount', 'username', { username: '' }],
  ['createAccount', 'username', { username: 'u'.repeat(LIMITS.usernameMaxChars + 1) }],
  ['createAccount', 'username', { username: 'a\u0000' }],
  // The same name in two forms must not become two accounts.
  ['createAccount', 'username', { username: 'e\u0301' }],
  ['createAccount', 'display_name', { displayName: '' }],
  ['createAccount', 'display_name', { displayName: '🎈'.repeat(LIMITS.displayNameMaxChars + 1) }],
  ['createAccount', 'display_name', { displayName: 'e\u0301' }],
  ['createAccount', 'password_hash', { passwordHash: 'secret' }],
  ['getCredentials', 'username', { username: '' }],
  ['getAccount', 'account_id', { accountId: 0 }],
  ['changePassword', 'password_version', { passwordVersion: 0 }],
  ['changePassword', 'password_hash', { passwordHash: '' }],
  ['openSession', 'account_id', { accountId: 0 }],
  ['openSession', 'password_version', { passwordVersion: 0 }],
  ['openSession', 'label', { label: 'l'.repeat(LIMITS.sessionLabelMaxChars + 1) }],
  ['openSession', 'label', { label: 'e\u0301' }],
  ['endSession', 'session_number', { sessionNumber: 0 }],
  ['getCart', 'role', { role: Role.SELLER }],
  ['clearCart', 'role', { role: Role.SELLER }],
  ['addToCart', 'item_id', { itemId: 0 }],
  ['addToCart', 'quantity', { quantity: 0 }],
  ['addToCart', 'quantity', { quantity: LIMITS.unitsPerCartLine + 1 }],
  ['removeFromCart', 'quantity', { quantity: 0 }],
  ['setCartLine', 'quantity', { quantity: LIMITS.unitsPerCartLine + 1 }],
  ['beginCheckout', 'lines', { lines: manyLines }],
  ['beginCheckout', 'lines[0].quantity', { lines: [{ ...line, quantity: 0 }] }],
  [
    'beginCheckout',
    'lines[0].unit_price_minor',
    { lines: [{ ...line, unitPriceMinor: LIMITS.priceMaxMinor + 1 }] },
  ],
  ['beginCheckout', 'lines[0].currency', { lines: [{ ...line, currency: '__proto__' }] }],
  ['beginCheckout', 'lines[1].item_id', { lines: [line, line] }],
  ['recordPurchase', 'order_id', { orderId: 0 }],
  ['recordPurchase', 'lines', { lines: [] }],
  ['recordPurchase', 'lines', { lines: manyLines }],
  ['recordPurchase', 'lines[0].seller_id', { lines: [{ ...line, sellerId: 0 }] }],
  [
    'recordPurchase',
    'lines[0].name',
    { lines: [{ ...line, name: 'n'.repeat(LIMITS.itemNameMaxChars + 1) }] },
  ],
  ['recordPurchase', 'payment_reference', { paymentReference: '' }],
  ['giveFeedback', 'item_id', { itemId: 0 }],
  ['getSellerRating', 'seller_id', { sellerId: 0 }],
  ['acknowledgeFeedback', 'up_to_feedback_number', { upToFeedbackNumber: 0 }],
];

describe('bad requests at the gRPC edge', () => {
  it('X: every bad field is refused with its name, and nothing reaches the log', async () => {
    const before = await quietStatus();
    for (const [method, field, bad] of SPOILED) {
      const error = await refusalOf(call(method)({ ...goodRequest(method), ...bad }, write()));
      const what = `${method} ${JSON.stringify(bad).slice(0, 80)}: ${error.message}`;
      expect({ code: error.code, field: error.details['field'] }, what).toEqual({
        code: 'InvalidArgument',
        field,
      });
    }
    expect(await quietStatus()).toEqual(before);
  });

  it.each(WRITES)('M17: %s without an idempotency key is refused', async (method) => {
    const error = await refusalOf(call(method)(goodRequest(method)));
    expect(error).toMatchObject({ code: 'InvalidArgument', details: { field: 'idempotency-key' } });
  });

  it.each(OF_A_SESSION)('M4: %s under an unknown session is Unauthenticated', async (method) => {
    const request = { ...goodRequest(method), sessionKey: sessionKey('nobody') };
    expect((await refusalOf(call(method)(request, write()))).code).toBe('Unauthenticated');
  });

  it.each(OF_A_SESSION)('M4: %s under a session of the other role is refused', async (method) => {
    const request = { ...goodRequest(method), sessionKey: seller.sessionKey };
    expect((await refusalOf(call(method)(request, write()))).code).toBe('Unauthenticated');
  });

  it('X: numbers beyond 2^53, negative numbers, wrong wire types and garbage are refused', async () => {
    const raw = connectGrpc<Record<string, never>>({
      addresses: [`127.0.0.1:${server.port}`],
      service: {
        ...CustomersService,
        addToCart: { ...CustomersService.addToCart, requestSerialize: (bytes: Buffer) => bytes } as never,
      },
      clusterKey: CLUSTER_KEY,
    }) as unknown as { addToCart: Call; close(): void };
    const head = Buffer.concat([Buffer.of(0x0a, 32), buyer.sessionKey, Buffer.of(0x10, 1)]);
    const before = await quietStatus();
    for (const [name, tail] of [
      ['quantity −1', Buffer.of(0x18, ...Array<number>(9).fill(0xff), 0x01)],
      ['quantity 2^60', Buffer.of(0x18, ...Array<number>(8).fill(0x80), 0x10)],
      ['quantity as a string', Buffer.of(0x1a, 1, 0x31)],
      ['cut short', Buffer.of(0x18)],
      ['a length beyond the end', Buffer.of(0x22, 0xff, 0x7f)],
    ] as const) {
      const error = await refusalOf(raw.addToCart(Buffer.concat([head, tail]), write()));
      expect(error.code, name).toBe('InvalidArgument');
    }
    expect((await refusalOf(raw.addToCart(Buffer.alloc(70_000), write()))).code).toBe('PayloadTooLarge');
    expect(await quietStatus()).toEqual(before);
    raw.close();
  });

  it('X: a wrong cluster key opens nothing', async () => {
    const stranger = connectGrpc<Record<string, never>>({
      addresses: [`127.0.0.1:${server.port}`],
      service: CustomersService,
      clusterKey: 'guessed',
    }) as unknown as CustomersClient;
    for (const attempt of [
      stranger.getCredentials({ role: Role.BUYER, username: 'ada' }),
      stranger.getStatus({}),
      stranger.abortCheckout({ checkoutKey: newKey() }),
    ]) {
      expect((await refusalOf(attempt)).code).toBe('Unauthenticated');
    }
    stranger.close();
  });
});

describe('refusals by the state', () => {
  it('carry their code and details to the caller', async () => {
    const { client: at } = server;
    const own = await login(at, await register(at, Role.BUYER, 'carla'));
    const change = { sessionKey: own.sessionKey, itemId: 5, quantity: 3, available: 2 };
    expect(await refusalOf(at.addToCart(change, write()))).toMatchObject({
      code: 'OutOfStock',
      details: { available: 2, inCart: 0 },
    });
    expect(await refusalOf(at.removeFromCart(change, write()))).toMatchObject({ code: 'NotInCart' });
    const begin = { checkoutKey: newKey(), sessionKey: own.sessionKey, lines: linesOf([]) };
    expect((await refusalOf(at.beginCheckout(begin))).code).toBe('CartEmpty');
    await at.addToCart({ ...change, available: 3 }, write());
    expect(await refusalOf(at.beginCheckout(begin))).toMatchObject({
      code: 'CartChanged',
      details: { cart: [{ itemId: 5, quantity: 3 }] },
    });
    const rate = { sessionKey: own.sessionKey, itemId: 5, thumbsUp: true };
    expect((await refusalOf(at.giveFeedback(rate, write()))).code).toBe('NotPurchased');
    expect((await refusalOf(at.getCheckout(begin))).code).toBe('NotFound');
    expect((await refusalOf(at.getAccount({ accountId: 9_999 }))).code).toBe('NotFound');
    expect((await refusalOf(at.getCredentials({ role: Role.SELLER, username: 'nobody' }))).code).toBe(
      'NotFound',
    );
    expect((await refusalOf(at.getSellerRating({ sellerId: own.accountId }))).code).toBe('NotFound');
  });
});

describe('writes under one key', () => {
  it('M17: happen once, and another request under the key is KeyReused', async () => {
    const own = await newPerson(client, Role.BUYER, 'dora');
    const request = { sessionKey: own.sessionKey, itemId: 1, quantity: 2, available: PLENTY };
    const once = write();
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.addToCart(request, once)));
    for (const { response } of answers) expect(response.lines).toEqual([{ itemId: 1, quantity: 2 }]);
    const error = await refusalOf(client.addToCart({ ...request, quantity: 3 }, once));
    expect(error.code).toBe('KeyReused');
  });

  it('M2: a repeated registration is the same account; a refusal is repeated too', async () => {
    const once = write();
    const request = { role: Role.SELLER, username: 'eve', passwordHash: PASSWORD_HASH, displayName: 'Eve' };
    const [first, again] = [
      await client.createAccount(request, once),
      await client.createAccount(request, once),
    ];
    expect(again.response).toEqual(first.response);
    const second = write();
    for (let i = 0; i < 2; i++) {
      expect((await refusalOf(client.createAccount(request, second))).code).toBe('UsernameTaken');
    }
  });

  it('M17: a key older than a day is KeyExpired', async () => {
    const key = formatUuid(uuidV7(Date.now() - 25 * 3_600_000, cryptoRandom));
    const request = { sessionKey: buyer.sessionKey, itemId: 1, quantity: 2, available: PLENTY };
    expect((await refusalOf(client.addToCart(request, { key }))).code).toBe('KeyExpired');
  });
});

describe('a purchase over gRPC', () => {
  it('M14, M18–M20: ends in history, counters and feedback; each step may be repeated', async () => {
    const own = await newPerson(client, Role.BUYER, 'fay');
    const shop = await newPerson(client, Role.SELLER, 'gus');
    const checkoutKey = await buy(client, own, [21, 22], { sellerId: shop.accountId, orderId: 77 });

    const lines = linesOf([21, 22].map((itemId) => ({ itemId, quantity: 2 })));
    const again = await client.beginCheckout({ checkoutKey, sessionKey: own.sessionKey, lines });
    const found = await client.getCheckout({ checkoutKey });
    expect(again.response).toEqual(found.response);
    expect(found.response).toMatchObject({ state: CheckoutState.RECORDED, orderId: 77, lines });
    expect((await client.abortCheckout({ checkoutKey })).response.state).toBe(CheckoutState.RECORDED);

    await client.giveFeedback({ sessionKey: own.sessionKey, itemId: 21, thumbsUp: true }, write());
    expect((await client.getSellerRating({ sellerId: shop.accountId })).response).toEqual({
      sellerId: shop.accountId,
      thumbsUp: 1,
      thumbsDown: 0,
      itemsSold: 4,
      displayName: 'gus by name',
    });
    expect((await client.getAccount({ accountId: own.accountId })).response.itemsBought).toBe(4);
    const { feedback } = (await client.listUndeliveredFeedback({ limit: 100 })).response;
    expect(feedback.at(-1)).toMatchObject({ itemId: 21, thumbsUp: true });
    const upToFeedbackNumber = feedback.at(-1)?.feedbackNumber as number;
    await client.acknowledgeFeedback({ upToFeedbackNumber });
    await client.acknowledgeFeedback({ upToFeedbackNumber });
    expect((await client.listUndeliveredFeedback({ limit: 100 })).response.feedback).toEqual([]);
  });

  it('M14: sweepers see what is open, with the log time', async () => {
    const own = await newPerson(client, Role.BUYER, 'hal');
    await client.addToCart({ sessionKey: own.sessionKey, itemId: 1, quantity: 1, available: 1 }, write());
    const checkoutKey = newKey();
    const lines = linesOf([{ itemId: 1, quantity: 1 }]);
    const { response: begun } = await client.beginCheckout({
      checkoutKey,
      sessionKey: own.sessionKey,
      lines,
    });
    const { response } = await client.listOpenCheckouts({ begunBeforeUnixMs: 0, limit: 100 });
    expect(response.checkouts).toContainEqual(begun);
    expect(Math.abs(response.logTimeUnixMs - Date.now())).toBeLessThan(60_000);
    const none = await client.listOpenCheckouts({ begunBeforeUnixMs: begun.begunAtUnixMs, limit: 100 });
    expect(none.response.checkouts).not.toContainEqual(begun);
  });
});

describe('names at their limit', () => {
  it('M3: thirty-two characters of two units each pass every hop', async () => {
    const name = '🎈'.repeat(LIMITS.usernameMaxChars);
    const request = { role: Role.BUYER, username: name, passwordHash: PASSWORD_HASH, displayName: name };
    const { response } = await client.createAccount(request, write());
    expect(response).toMatchObject({ username: name, displayName: name });
    const found = await client.getCredentials({ role: Role.BUYER, username: name });
    expect(found.response.accountId).toBe(response.accountId);
  });
});

describe('sessions over gRPC', () => {
  it('M4, M21: log in twice, change the password in one, and the other has ended', async () => {
    const account = await register(client, Role.BUYER, 'ida');
    const [one, two] = [await login(client, account), await login(client, account)];
    const list = async () =>
      (await client.listSessions({ sessionKey: one.sessionKey, role: Role.BUYER })).response.sessions;
    expect(await list()).toHaveLength(2);
    const { response } = await client.changePassword(
      { sessionKey: one.sessionKey, role: Role.BUYER, passwordVersion: 1, passwordHash: PASSWORD_HASH },
      write(),
    );
    expect(response.sessionsEnded).toBe(1);
    expect(await list()).toHaveLength(1);
    const check = client.checkSession({ sessionKey: two.sessionKey, role: Role.BUYER });
    expect((await refusalOf(check)).code).toBe('Unauthenticated');
    expect((await refusalOf(login(client, account))).code).toBe('WrongCredentials');
  });
});

describe('status', () => {
  it('says who it is, how far it is, and what it holds', async () => {
    const { response, position } = await client.getStatus({});
    expect(response).toMatchObject({ member: 'customers-db-0', engine: 'solo', position });
    expect(response.digest).toMatch(/^[0-9a-f]{16,}$/);
    expect(response.counts['accounts']).toBeGreaterThan(0);
    expect(JSON.parse(response.logStatusJson)).toMatchObject({ engine: 'solo', ready: true });
  });
});
