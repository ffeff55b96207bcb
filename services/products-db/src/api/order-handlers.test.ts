import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Order,
  OrderState,
  type ListUnfinishedOrdersResponse,
  type PlaceOrderRequest,
} from '@everopen/contract/products';
import { cryptoRandom, formatUuid, nodeDisk, systemClock, uuidV7, type Clock } from '@everopen/core';
import {
  memoryStore,
  openReplica,
  soloLog,
  sqliteStore,
  type OpenStore,
  type Replica,
} from '@everopen/replica';
import { EncodedMessage, type CallContext } from '@everopen/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import { GUITAR } from '../../test/shop-harness.ts';
import { ProductsMachine } from '../machine/products-machine.ts';
import type { OrderRow } from '../schema/orders.ts';
import { productsHandlers } from './products-handlers.ts';

const DAY_MS = 24 * 3_600_000;

let aheadMs = 0;
const clock: Clock = {
  ...systemClock,
  monotonicMs: () => systemClock.monotonicMs() + aheadMs,
  unixMs: () => systemClock.unixMs() + aheadMs,
};

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of running.splice(0).reverse()) await thing.close();
  aheadMs = 0;
});

async function openShop(kind: 'memory' | 'sqlite') {
  const folder = await mkdtemp(join(tmpdir(), 'everopen-orders-'));
  running.push({ close: () => rm(folder, { recursive: true }) });
  const machine = new ProductsMachine();
  const store: OpenStore = kind === 'memory' ? memoryStore : sqliteStore({ path: join(folder, 'store.db') });
  const replica: Replica = await openReplica({
    identity: { cluster: 'test', epoch: 1, member: 'p0', members: ['p0'] },
    machine,
    log: soloLog({ member: 'p0', disk: nodeDisk, wal: { directory: join(folder, 'log') } }),
    store,
    clock,
    onFatal: (error) => {
      throw error;
    },
  });
  running.push(replica);
  return { machine, replica, handlers: productsHandlers(replica, machine.state) };
}

/** A call that counts how often a position was given back: it must be once. */
function callOf() {
  const positions: string[] = [];
  const call: CallContext = {
    idempotencyKey: uuidV7(clock.unixMs(), cryptoRandom),
    readAt: undefined,
    remainingMs: () => Infinity,
    cancelled: false,
    setPosition: (token) => positions.push(token),
  };
  return { call, positions };
}

async function ask<T>(handle: (call: CallContext) => Promise<T | EncodedMessage>): Promise<T | Order> {
  const { call, positions } = callOf();
  const answer = await handle(call);
  expect(positions).toHaveLength(1);
  return answer instanceof EncodedMessage ? Order.decode(answer.bytes) : answer;
}

const INVALID_CARD = { reason: 'InvalidCard', reasonDetails: '{"details":{"field":"number"}}' };
const OUT_OF_STOCK = { reason: 'OutOfStock', reasonDetails: '{"message":"Only 1 is left"}' };
const newKey = (): string => formatUuid(uuidV7(clock.unixMs(), cryptoRandom));
const request = (orderKey: string, buyerId: number): PlaceOrderRequest => ({
  orderKey,
  buyerId,
  lines: [{ itemId: 1, quantity: 1, unitPriceMinor: 25_000, currency: 'EUR', sellerId: 0, name: '' }],
});

describe.each(['memory', 'sqlite'] as const)('orders that memory has forgotten, in a %s store', (kind) => {
  it('M17: are answered from the archive, as if they were known', async () => {
    const { machine, handlers } = await openShop(kind);
    await ask((call) => handlers.listItem(GUITAR, call) as Promise<never>);
    const [recorded, cancelled, never] = [newKey(), newKey(), newKey()];
    for (const [i, orderKey] of [recorded, cancelled].entries()) {
      await ask((call) => handlers.placeOrder(request(orderKey, i + 1), call));
    }
    await ask((call) => handlers.confirmOrder({ orderKey: recorded, paymentReference: 'p' }, call));
    const first = await ask((call) => handlers.markOrderRecorded({ orderKey: recorded }, call));
    const second = await ask((call) => handlers.cancelOrder({ orderKey: cancelled, ...INVALID_CARD }, call));

    aheadMs = DAY_MS + 60_000;
    await ask((call) => handlers.placeOrder(request(newKey(), 3), call));
    expect(machine.state.orders.size).toBe(1);

    for (const [orderKey, order] of [
      [recorded, first],
      [cancelled, second],
    ] as const) {
      expect(await ask((call) => handlers.getOrder({ orderKey }, call))).toEqual(order);
      expect(await ask((call) => handlers.abortOrder({ orderKey, ...OUT_OF_STOCK }, call))).toEqual(order);
    }
    const confirm = (orderKey: string, paymentReference = 'p') =>
      ask((call) => handlers.confirmOrder({ orderKey, paymentReference }, call));
    const cancel = (orderKey: string) =>
      ask((call) => handlers.cancelOrder({ orderKey, ...OUT_OF_STOCK }, call));
    const record = (orderKey: string) => ask((call) => handlers.markOrderRecorded({ orderKey }, call));
    expect(await confirm(recorded)).toEqual(first);
    expect(await record(recorded)).toEqual(first);
    expect(await cancel(cancelled)).toEqual(second);
    await expect(confirm(recorded, 'another')).rejects.toMatchObject({ code: 'KeyReused' });
    await expect(cancel(recorded)).rejects.toMatchObject({ code: 'WrongOrderState' });
    await expect(confirm(cancelled)).rejects.toMatchObject({ code: 'OrderAborted' });
    await expect(record(cancelled)).rejects.toMatchObject({ code: 'WrongOrderState' });

    await expect(confirm(never)).rejects.toMatchObject({ code: 'NotFound' });
    const tombstone = await ask((call) => handlers.abortOrder({ orderKey: never, ...OUT_OF_STOCK }, call));
    expect(tombstone).toMatchObject({
      orderId: 0,
      state: OrderState.CANCELLED,
      cancelReason: 'KeyExpired',
    });
    expect(machine.state.tombstones.size).toBe(0);

    const ids: number[] = [];
    for await (const order of handlers.streamOrders({ afterOrderId: 0 }, callOf().call))
      ids.push(order.orderId);
    expect(ids).toEqual([1, 2, 3]);
  });

  it('an idle shop is asked for unfinished orders for ever, and its log does not grow', async () => {
    const { replica, handlers } = await openShop(kind);
    await ask((call) => handlers.listItem(GUITAR, call) as Promise<never>);
    const list = async () =>
      (await handlers.listUnfinishedOrders(
        { placedBeforeUnixMs: 0, limit: 10 },
        callOf().call,
      )) as ListUnfinishedOrdersResponse;
    const { applied } = replica.status();
    for (let minute = 0; minute < 3; minute++) {
      aheadMs += 60_000;
      expect((await list()).orders).toEqual([]);
    }
    expect(replica.status().applied).toBe(applied);

    // The age of what is listed is told by a clock of now.
    await ask((call) => handlers.placeOrder(request(newKey(), 1), call));
    aheadMs += 60_000;
    const { orders, logTimeUnixMs } = await list();
    expect(logTimeUnixMs - (orders[0]?.placedAtUnixMs ?? Infinity)).toBeGreaterThanOrEqual(60_000);
  });

  it('open orders are listed oldest first, placed before a moment of log time, never archived', async () => {
    const { machine, handlers } = await openShop(kind);
    await ask((call) => handlers.listItem(GUITAR, call) as Promise<never>);
    const keys = [newKey(), newKey()];
    await ask((call) => handlers.placeOrder(request(keys[0] as string, 1), call));
    aheadMs = 2 * DAY_MS;
    const { call } = callOf();
    const late = newKey();
    await handlers.placeOrder(request(late, 2), call);
    const [old] = [...machine.state.orders.values()] as OrderRow[];
    const listed = async (placedBeforeUnixMs: number, limit = 10) => {
      const list = { placedBeforeUnixMs, limit };
      return ((await handlers.listUnfinishedOrders(list, callOf().call)) as ListUnfinishedOrdersResponse)
        .orders;
    };
    expect((await listed(0)).map((order) => order.orderKey)).toEqual([keys[0], late]);
    expect(await listed(0, 1)).toHaveLength(1);
    expect(await listed((old as OrderRow).placed_at_ms)).toEqual([]);
    expect((await listed((old as OrderRow).placed_at_ms + 1)).map((order) => order.orderKey)).toEqual([
      keys[0],
    ]);
  });
});
