import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@everopen/contract';
import {
  Condition,
  OrderState,
  ProductsService,
  type ListItemRequest,
  type ProductsServer,
} from '@everopen/contract/products';
import {
  CodedError,
  cryptoRandom,
  formatUuid,
  isCodedError,
  silentLogger,
  uuidV7,
  type RunningService,
} from '@everopen/core';
import { connectGrpc, type GrpcClient } from '@everopen/rpc';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GUITAR } from '../test/shop-harness.ts';
import type { ProductsDbConfig } from './products-db-config.ts';
import { startProductsDb } from './start-products-db.ts';

const CLUSTER_KEY = 'the key of a test';
const VOIDED = { reason: 'PaymentVoided', reasonDetails: '' };
const OUT_OF_STOCK = { reason: 'OutOfStock', reasonDetails: '{"message":"None is left"}' };
const newKey = (unixMs = Date.now()): string => formatUuid(uuidV7(unixMs, cryptoRandom));

let folder: string;
let service: RunningService;
let client: GrpcClient<ProductsServer>;

const configOf = (change: Partial<ProductsDbConfig> = {}): ProductsDbConfig => ({
  member: 'products-0',
  members: ['products-0'],
  address: { host: '127.0.0.1', port: 0 },
  dataDirectory: join(folder, 'products-0'),
  clusterId: 'test',
  clusterKey: CLUSTER_KEY,
  engine: 'solo',
  store: 'sqlite',
  logger: silentLogger,
  onFatal: (error) => {
    throw error;
  },
  ...change,
});

async function start(change: Partial<ProductsDbConfig> = {}): Promise<void> {
  service = await startProductsDb(configOf(change));
  client = connectGrpc({
    addresses: [`127.0.0.1:${service.address.port}`],
    service: ProductsService,
    clusterKey: CLUSTER_KEY,
    deadlineMs: 5_000,
  });
}

async function stop(): Promise<void> {
  client.close();
  await service.stop();
}

async function list(change: Partial<ListItemRequest> = {}, key = newKey()) {
  const { response } = await client.listItem({ ...GUITAR, ...change }, { key });
  return { item: response.item ?? expect.fail('no item'), merged: response.merged };
}

const lineOf = (itemId: number, quantity: number, unitPriceMinor = GUITAR.priceMinor) => ({
  itemId,
  quantity,
  unitPriceMinor,
  currency: 'EUR',
  sellerId: 0,
  name: '',
});

async function refusal(call: Promise<unknown>): Promise<CodedError> {
  try {
    await call;
  } catch (error) {
    if (isCodedError(error)) return error;
    throw error;
  }
  throw new Error('It should have been refused');
}

async function status() {
  return (await client.getStatus({})).response;
}

const SEARCH = {
  category: undefined,
  keywords: [],
  text: '',
  minPriceMinor: undefined,
  maxPriceMinor: undefined,
  condition: Condition.UNSPECIFIED,
  sort: 0 as const,
  limit: 10,
  cursor: '',
};

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}

describe('the products database at its gRPC edge', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everopen-products-'));
    await start();
  });

  afterEach(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });

  it('M7, M8, M9, M11, M12: an item is listed, found, changed, delisted', async () => {
    const { item } = await list();
    expect(await client.getItem({ itemId: item.itemId })).toMatchObject({ response: item });
    const found = await client.search({ ...SEARCH, keywords: ['GUITAR'], text: 'ele' });
    expect(found.response).toEqual({ items: [item], nextCursor: '' });
    expect((await list({ quantity: 1 })).merged).toBe(true);
    const change = { sellerId: GUITAR.sellerId, itemId: item.itemId };
    const { position } = await client.changePrice({ ...change, priceMinor: 5 }, { key: newKey() });
    const cheap = await client.search({ ...SEARCH, maxPriceMinor: 5 }, { readAt: position });
    expect(cheap.response.items).toMatchObject([{ itemId: item.itemId, priceMinor: 5, available: 11 }]);
    await client.removeUnits({ ...change, quantity: 11 }, { key: newKey() });
    expect((await client.search(SEARCH)).response.items).toEqual([]);
    await client.addUnits({ ...change, quantity: 2 }, { key: newKey() });
    expect((await client.search(SEARCH)).response.items).toMatchObject([{ available: 2 }]);
  });

  it('M12: an unknown item is NotFound, and left out where many are asked for', async () => {
    const { item } = await list();
    expect(await refusal(client.getItem({ itemId: 99 }))).toMatchObject({
      code: 'NotFound',
      details: { itemId: 99 },
    });
    const { response } = await client.getItems({ itemIds: [99, item.itemId] });
    expect(response.items).toEqual([item]);
  });

  it('M10: sellers see their own items, newest first, page by page, and what they sold', async () => {
    for (const name of ['a', 'b', 'c']) await list({ name });
    await list({ sellerId: 8 });
    const first = (await client.listSellerItems({ sellerId: 7, beforeItemId: 0, limit: 2 })).response;
    expect(first.items.map((item) => item.name)).toEqual(['c', 'b']);
    const before = first.nextBeforeItemId;
    const rest = (await client.listSellerItems({ sellerId: 7, beforeItemId: before, limit: 2 })).response;
    expect(rest).toMatchObject({ items: [{ name: 'a' }], nextBeforeItemId: 0 });

    const orderKey = newKey();
    await client.placeOrder({ orderKey, buyerId: 1, lines: [lineOf(1, 2), lineOf(4, 1)] });
    await client.confirmOrder({ orderKey, paymentReference: 'p1' });
    expect((await client.getSellerSales({ sellerId: 7 })).response).toEqual({
      unitsSold: 2,
      orders: 1,
      revenueMinor: { EUR: 50_000 },
    });
    const nobody = { unitsSold: 0, orders: 0, revenueMinor: {} };
    expect((await client.getSellerSales({ sellerId: 99 })).response).toEqual(nobody);
  });

  it('M16: 50 orders at once of a stock of 10: exactly 10 are placed', async () => {
    const { item } = await list();
    const attempts = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        client.placeOrder({ orderKey: newKey(), buyerId: i + 1, lines: [lineOf(item.itemId, 1)] }),
      ),
    );
    const refused = attempts.filter((attempt) => attempt.status === 'rejected');
    expect(refused).toHaveLength(40);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'OutOfStock' });
    expect((await client.getItem({ itemId: item.itemId })).response).toMatchObject({
      available: 0,
      reserved: 10,
    });
  });

  it('M17: a write is executed once under one key, and refused under the key of another', async () => {
    const key = newKey();
    const first = await list({}, key);
    expect(await list({}, key)).toEqual(first);
    expect((await client.getItem({ itemId: first.item.itemId })).response.available).toBe(10);
    expect((await refusal(list({ quantity: 11 }, key))).code).toBe('KeyReused');
    // A refusal is an answer too: it stays what it was, although the call would be accepted by now.
    const removal = { sellerId: 7, itemId: first.item.itemId, quantity: 11 };
    const refusedKey = newKey();
    expect((await refusal(client.removeUnits(removal, { key: refusedKey }))).code).toBe('NotEnoughUnits');
    await list({ quantity: 5 });
    expect((await refusal(client.removeUnits(removal, { key: refusedKey }))).code).toBe('NotEnoughUnits');
  });

  it('M14, M17: the steps of an order, repeated, and what refuses them', async () => {
    const { item } = await list();
    const orderKey = newKey();
    const request = { orderKey, buyerId: 1, lines: [lineOf(item.itemId, 2)] };
    expect((await refusal(client.getOrder({ orderKey }))).code).toBe('NotFound');
    expect((await refusal(client.confirmOrder({ orderKey, paymentReference: 'p' }))).code).toBe('NotFound');
    const placed = (await client.placeOrder(request)).response;
    expect((await client.placeOrder(request)).response).toEqual(placed);
    expect((await client.getOrder({ orderKey })).response).toEqual(placed);
    const open = (await client.listUnfinishedOrders({ placedBeforeUnixMs: 0, limit: 10 })).response;
    expect(open.orders).toEqual([placed]);
    expect(Math.abs(open.logTimeUnixMs - Date.now())).toBeLessThan(10_000);
    await client.confirmOrder({ orderKey, paymentReference: 'p' });
    const cancel = await refusal(client.cancelOrder({ orderKey, ...VOIDED }));
    expect(cancel).toMatchObject({ code: 'WrongOrderState', details: { state: 'paid' } });
    await client.markOrderRecorded({ orderKey });
    const after = (await client.listUnfinishedOrders({ placedBeforeUnixMs: 0, limit: 10 })).response;
    expect(after.orders).toEqual([]);

    const aborted = newKey();
    const tombstone = (await client.abortOrder({ orderKey: aborted, ...OUT_OF_STOCK })).response;
    expect(tombstone).toMatchObject({
      orderId: 0,
      state: OrderState.CANCELLED,
      cancelReason: 'OutOfStock',
      cancelDetails: '{"message":"None is left"}',
    });
    expect((await client.abortOrder({ orderKey: aborted, ...VOIDED })).response).toEqual(tombstone);
    expect((await client.getOrder({ orderKey: aborted })).response).toEqual(tombstone);
    const tooLate = await refusal(client.placeOrder({ ...request, orderKey: aborted }));
    expect(tooLate.code).toBe('OrderAborted');
  });

  it('M14: price and stock at fault are named line by line', async () => {
    await list();
    await list({ name: 'Piano', quantity: 1 });
    const changed = client.placeOrder({
      orderKey: newKey(),
      buyerId: 1,
      lines: [lineOf(1, 1, 5), lineOf(2, 1, 6)],
    });
    expect((await refusal(changed)).details).toEqual({
      lines: [
        { itemId: 1, expectedMinor: 5, priceMinor: 25_000 },
        { itemId: 2, expectedMinor: 6, priceMinor: 25_000 },
      ],
    });
    const short = client.placeOrder({ orderKey: newKey(), buyerId: 1, lines: [lineOf(1, 11), lineOf(2, 2)] });
    expect((await refusal(short)).details).toMatchObject({ lines: [{ available: 10 }, { available: 1 }] });
  });

  it('M17: a key older than 24 hours is refused; aborting it succeeds', async () => {
    await list();
    const orderKey = newKey(Date.now() - 25 * 3_600_000);
    const placed = client.placeOrder({ orderKey, buyerId: 1, lines: [lineOf(1, 1)] });
    expect((await refusal(placed)).code).toBe('KeyExpired');
    expect((await client.abortOrder({ orderKey, ...OUT_OF_STOCK })).response.orderId).toBe(0);
  });

  it('M18: ratings count once, in order', async () => {
    await list();
    const rate = (feedbackNumber: number, thumbsUp: boolean) =>
      client.countFeedback({ feedbackNumber, itemId: 1, thumbsUp });
    expect((await rate(1, true)).response.countedUpTo).toBe(1);
    expect((await rate(1, true)).response.countedUpTo).toBe(1);
    expect((await refusal(rate(3, true))).details['field']).toBe('feedback_number');
    expect((await client.getItem({ itemId: 1 })).response).toMatchObject({ thumbsUp: 1, thumbsDown: 0 });
  });

  it('a restart keeps everything', async () => {
    const { item } = await list();
    const key = newKey();
    await list({ name: 'Piano' }, key);
    const orderKey = newKey();
    const order = (await client.placeOrder({ orderKey, buyerId: 1, lines: [lineOf(item.itemId, 3)] }))
      .response;
    const aborted = newKey();
    const tombstone = (await client.abortOrder({ orderKey: aborted, ...OUT_OF_STOCK })).response;
    const before = await collect(client.streamItems({ afterItemId: 0 }));
    const { digest } = await status();
    await stop();
    await start();
    expect(await collect(client.streamItems({ afterItemId: 0 }))).toEqual(before);
    expect((await status()).digest).toBe(digest);
    expect((await client.getOrder({ orderKey })).response).toEqual(order);
    expect((await list({ name: 'Piano' }, key)).item.available).toBe(10);
    expect((await list({ quantity: 5 })).item).toMatchObject({ itemId: item.itemId, available: 12 });
    expect((await client.search({ ...SEARCH, text: 'pia' })).response.items).toHaveLength(1);
    expect((await list({ name: 'Drum' })).item.itemId).toBe(3);
    expect((await client.getOrder({ orderKey: aborted })).response).toEqual(tombstone);
    const late = client.placeOrder({ orderKey: aborted, buyerId: 1, lines: [lineOf(1, 1)] });
    expect((await refusal(late)).code).toBe('OrderAborted');
  });

  it('O9: an audit reads every item, delisted ones too, and every order, in pieces', async () => {
    const count = 12;
    for (let i = 1; i <= count; i++) await list({ name: `item ${i}` });
    await client.removeUnits({ sellerId: 7, itemId: 5, quantity: 10 }, { key: newKey() });
    for (let buyer = 1; buyer <= 3; buyer++) {
      await client.placeOrder({ orderKey: newKey(), buyerId: buyer, lines: [lineOf(buyer, 1)] });
    }
    const items = await collect(client.streamItems({ afterItemId: 2 }));
    expect(items.map((item) => item.itemId)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(items[2]).toMatchObject({ available: 0, removed: 10 });
    const orders = await collect(client.streamOrders({ afterOrderId: 1 }));
    expect(orders.map((order) => order.orderId)).toEqual([2, 3]);
    expect((await status()).counts).toMatchObject({ items: count, orders: 3 });
  });

  it('a log that is lost is not begun anew', async () => {
    const lost = { dataDirectory: join(folder, 'lost'), store: 'memory' } as const;
    await (await startProductsDb(configOf(lost))).stop();
    await rm(join(lost.dataDirectory, 'log'), { recursive: true });
    expect((await refusal(startProductsDb(configOf(lost)))).code).toBe('NotFound');
  });

  it('a folder of another cluster, a wrong member list and a port in use are refused', async () => {
    const other = await refusal(startProductsDb(configOf({ clusterId: 'other' })));
    expect(other.code).toBe('WrongCluster');
    const many = await refusal(startProductsDb(configOf({ members: ['products-0', 'products-1'] })));
    expect(many).toMatchObject({ code: 'InvalidArgument', details: { field: 'members' } });
    const raft = { engine: 'raft', members: ['products-0', 'products-1'] } as const;
    const peers = raft.members.map((member) => ({ member, host: '127.0.0.1', port: 0, service: 'a:1' }));
    const fields: [field: string, change: Partial<ProductsDbConfig>][] = [
      ['peers', raft],
      ['peers', { ...raft, peers: peers.slice(0, 1) }],
      ['peers', { ...raft, peers: [...peers, ...peers] }],
      ['members', { ...raft, peers, member: 'products-2' }],
      ['members', { ...raft, peers, members: ['products-0', ...'123456789'.split('')] }],
    ];
    for (const [field, change] of fields) {
      const error = await refusal(startProductsDb(configOf(change)));
      expect(error).toMatchObject({ code: 'InvalidArgument', details: { field } });
    }
    const inUse = { ...peers[0], member: 'products-0', port: service.address.port } as (typeof peers)[number];
    const alone = { ...raft, members: ['products-0'], dataDirectory: join(folder, 'raft'), peers: [inUse] };
    expect((await refusal(startProductsDb(configOf(alone)))).code).toBe('InUse');
    const twin = { dataDirectory: join(folder, 'twin'), address: service.address };
    expect((await refusal(startProductsDb(configOf(twin)))).code).toBe('InUse');
  });
});

describe('bad input at the gRPC edge', () => {
  let itemId: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everopen-products-'));
    await start({ store: 'memory' });
    itemId = (await list()).item.itemId;
  });

  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });

  const key = newKey();
  const item = { ...GUITAR };
  const refused = { orderKey: key, ...OUT_OF_STOCK };
  const change = { sellerId: 7, itemId: 1 };
  const order = (orderChange: object) =>
    client.placeOrder({ orderKey: newKey(), buyerId: 1, lines: [lineOf(1, 1)], ...orderChange });
  const search = (searchChange: object) => client.search({ ...SEARCH, ...searchChange });

  const refusals: [field: string, what: string, call: () => Promise<unknown>][] = [
    ['name', 'a name of 33 characters', () => list({ name: 'x'.repeat(33) })],
    ['name', 'a control character', () => list({ name: 'a\u0000b' })],
    ['category', 'category 10', () => list({ category: 10 })],
    ['category', 'category 2^32 - 1', () => list({ category: 2 ** 32 - 1 })],
    ['keywords', 'six keywords', () => list({ keywords: 'abcdef'.split('') })],
    ['keywords[0]', 'a keyword of 9 characters', () => list({ keywords: ['x'.repeat(9)] })],
    ['condition', 'an unknown condition', () => list({ condition: 7 as Condition })],
    ['condition', 'a negative condition', () => list({ condition: -1 as Condition })],
    ['price_minor', 'price 0', () => list({ priceMinor: 0 })],
    ['price_minor', 'a huge price', () => list({ priceMinor: Number.MAX_SAFE_INTEGER })],
    ['currency', 'an unknown currency', () => list({ currency: 'EURO' })],
    ['quantity', 'too many units', () => list({ quantity: LIMITS.unitsPerItem + 1 })],
    ['seller_id', 'no seller', () => list({ sellerId: 0 })],
    ['idempotency-key', 'no key', () => client.listItem(item, {})],
    ['idempotency-key', 'a key that is no UUIDv7', () => client.listItem(item, { key: 'mine' })],
    ['price_minor', 'a price of 0', () => client.changePrice({ ...change, priceMinor: 0 }, { key })],
    ['item_id', 'no item', () => client.changePrice({ ...change, itemId: 0, priceMinor: 1 }, { key })],
    ['quantity', 'no units', () => client.addUnits({ ...change, quantity: 0 }, { key })],
    ['quantity', 'a million and one', () => client.removeUnits({ ...change, quantity: 1_000_001 }, { key })],
    ['order_key', 'no order key', () => order({ orderKey: '' })],
    ['order_key', 'a random UUID', () => order({ orderKey: '6f6b6f52-6f52-4f52-8f52-6f526f526f52' })],
    ['buyer_id', 'no buyer', () => order({ buyerId: 0 })],
    ['lines', 'no lines', () => order({ lines: [] })],
    ['lines[1].item_id', 'an item twice', () => order({ lines: [lineOf(1, 1), lineOf(1, 1)] })],
    ['lines[0].quantity', 'half the limit too much', () => order({ lines: [lineOf(1, 15_000)] })],
    ['payment_reference', 'no payment', () => client.confirmOrder({ orderKey: key, paymentReference: '' })],
    ['reason', 'no reason', () => client.cancelOrder({ orderKey: key, reason: '', reasonDetails: '' })],
    ['reason_details', 'details in no form', () => client.cancelOrder({ ...refused, reasonDetails: 'no' })],
    ['reason_details', 'details of no reason', () => client.abortOrder({ ...refused, reason: '' })],
    ['order_key', 'abort without a key', () => client.abortOrder({ ...refused, orderKey: '' })],
    ['order_key', 'record without a key', () => client.markOrderRecorded({ orderKey: 'x' })],
    ['order_key', 'get without a key', () => client.getOrder({ orderKey: 'x' })],
    [
      'feedback_number',
      'rating 0',
      () => client.countFeedback({ feedbackNumber: 0, itemId: 1, thumbsUp: true }),
    ],
    ['item_id', 'item 0', () => client.getItem({ itemId: 0 })],
    ['item_ids', '101 items', () => client.getItems({ itemIds: Array.from({ length: 101 }, () => 1) })],
    ['item_ids[0]', 'item 0 among others', () => client.getItems({ itemIds: [0] })],
    ['limit', 'a page of 101', () => client.listSellerItems({ sellerId: 1, beforeItemId: 0, limit: 101 })],
    ['seller_id', 'sales of nobody', () => client.getSellerSales({ sellerId: 0 })],
    ['keywords', 'a search for 6 keywords', () => search({ keywords: 'abcdef'.split('') })],
    ['category', 'a search in category 10', () => search({ category: 10 })],
    ['text', 'a search for 6 words', () => search({ text: 'a b c d e f' })],
    ['sort', 'an unknown order', () => search({ sort: 9 })],
    ['condition', 'a search for an unknown condition', () => search({ condition: 9 })],
    ['max_price_minor', 'an empty range', () => search({ minPriceMinor: 2, maxPriceMinor: 1 })],
    ['cursor', 'a forged cursor', () => search({ cursor: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAA' })],
    ['limit', 'a search page of 101', () => search({ limit: 101 })],
    ['limit', '101 open orders', () => client.listUnfinishedOrders({ placedBeforeUnixMs: 0, limit: 101 })],
  ];
  it.each(refusals)('%s: %s is refused, the field named, and nothing changes', async (field, _, call) => {
    const { digest } = await status();
    const error = await refusal(call());
    expect(error).toMatchObject({ code: 'InvalidArgument', details: { field } });
    expect((await status()).digest).toBe(digest);
  });

  /** Bytes that no client of ours would send. */
  function raw(path: string, bytes: Buffer): Promise<ServiceError> {
    const channel = new Client(`127.0.0.1:${service.address.port}`, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${CLUSTER_KEY}`);
    metadata.set('idempotency-key', newKey());
    const pass = (value: Buffer): Buffer => value;
    return new Promise<ServiceError>((resolve, reject) => {
      channel.makeUnaryRequest(
        path,
        pass,
        pass,
        bytes,
        metadata,
        { deadline: Date.now() + 2_000 },
        (error) => (error === null ? reject(new Error('It should have been refused')) : resolve(error)),
      );
    }).finally(() => channel.close());
  }

  it.each([
    ['a number beyond 2^53', Buffer.of(8, 255, 255, 255, 255, 255, 255, 255, 127)],
    ['a negative number', Buffer.of(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1)],
    ['a number cut short', Buffer.of(8, 255)],
    ['a fraction (a double in place of an integer)', Buffer.of(9, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f)],
  ])('%s is InvalidArgument, and nothing changes', async (_, bytes) => {
    const { digest } = await status();
    for (const { path } of [ProductsService.listItem, ProductsService.getItem, ProductsService.changePrice]) {
      expect((await raw(path, bytes)).code).toBe(3);
    }
    expect((await status()).digest).toBe(digest);
  });

  it('a token of another log is refused', async () => {
    const error = await refusal(client.getItem({ itemId }, { readAt: 'nonsense' }));
    expect(error.code).toBe('InvalidArgument');
  });
});
