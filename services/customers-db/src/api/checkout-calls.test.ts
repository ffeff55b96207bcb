import {
  Checkout,
  CheckoutState,
  type ListOpenCheckoutsResponse,
  type RecordPurchaseRequest,
} from '@everopen/contract/customers';
import type { Replica } from '@everopen/replica';
import { EncodedMessage } from '@everopen/rpc';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/customers-server.ts';
import { createCustomersWorld } from '../../test/customers-world.ts';
import { callContext, harnessReplica } from '../../test/harness-replica.ts';
import { CHECKOUT_KEY_LIFETIME_MS } from '../machine/machine-limits.ts';
import { customersHandlers } from './customers-handlers.ts';

/** A recorded and an aborted checkout, two days ago, forgotten by the state machine since. */
function twoDaysLater() {
  const world = createCustomersWorld();
  const seller = world.seller('sam');
  const buyer = world.buyer('ada');
  world.add(buyer, 1, 2);
  const recorded = world.begin(buyer);
  const request: RecordPurchaseRequest = {
    checkoutKey: recorded.checkoutKey,
    orderId: 5,
    lines: recorded.lines.map((line) => ({ ...line, sellerId: seller.accountId, name: 'a name' })),
    paymentReference: 'charge',
  };
  world.answer('recordPurchase', request);
  world.add(buyer, 2, 1);
  const aborted = world.begin(buyer);
  world.answer('abortCheckout', aborted);
  world.harness.advance(2 * CHECKOUT_KEY_LIFETIME_MS);
  world.login(buyer);
  expect(world.harness.rows('ended_checkouts')).toEqual([]);
  return {
    world,
    recorded,
    aborted,
    request,
    handlers: customersHandlers(harnessReplica(world), world.machine.state),
  };
}

const decoded = (answer: Checkout | EncodedMessage): Checkout =>
  answer instanceof EncodedMessage ? Checkout.decode(answer.bytes) : answer;

describe('a checkout that memory has forgotten', () => {
  it('M17: is answered from the history when it is recorded or aborted again', async () => {
    const { world, recorded, request, handlers } = twoDaysLater();
    const digest = world.machine.tables.digest();
    const call = callContext();
    const expected = { ...recorded, state: CheckoutState.RECORDED, orderId: 5 };
    expect(decoded(await handlers.recordPurchase(request, call))).toEqual(expected);
    expect(decoded(await handlers.abortCheckout(recorded, callContext()))).toEqual(expected);
    expect(await handlers.getCheckout(recorded, callContext())).toEqual(expected);
    expect(call.positions).toHaveLength(1);
    expect(world.machine.tables.digest()).toBe(digest);
  });

  it('M17: another order or other lines under its key are KeyReused', async () => {
    const { request, handlers } = twoDaysLater();
    const lines = request.lines.map((line) => ({ ...line, quantity: 1 }));
    for (const reused of [
      { ...request, orderId: 6 },
      { ...request, lines },
    ]) {
      expect((await refusalOf(handlers.recordPurchase(reused, callContext()))).code).toBe('KeyReused');
    }
  });

  it('M17: is KeyExpired if it did not end in a purchase, and unknown to readers', async () => {
    const { request, aborted, handlers } = twoDaysLater();
    const again = { ...request, checkoutKey: aborted.checkoutKey };
    expect((await refusalOf(handlers.recordPurchase(again, callContext()))).code).toBe('KeyExpired');
    expect((await refusalOf(handlers.abortCheckout(aborted, callContext()))).code).toBe('KeyExpired');
    expect((await refusalOf(handlers.getCheckout(aborted, callContext()))).code).toBe('NotFound');
  });
});

describe('sweepers that ask for open checkouts for ever', () => {
  it('have the log written to for fresh time only while there are some', async () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    const replica = harnessReplica(world);
    const fresh: boolean[] = [];
    const read: Replica['read'] = (consistency, view, options = {}) => {
      fresh.push(options.freshTime === true);
      return replica.read(consistency, view, options);
    };
    const handlers = customersHandlers({ ...replica, read }, world.machine.state);
    const ask = async () => {
      const call = callContext();
      const request = { begunBeforeUnixMs: 0, limit: 10 };
      const listed = (await handlers.listOpenCheckouts(request, call)) as ListOpenCheckoutsResponse;
      expect(call.positions).toHaveLength(1);
      expect(listed.logTimeUnixMs).toBe(world.harness.nowMs);
      return listed.checkouts;
    };
    expect(await ask()).toEqual([]);
    expect(fresh).toEqual([false]);
    world.add(buyer, 1, 2);
    const begun = world.begin(buyer);
    expect(await ask()).toEqual([begun]);
    expect(fresh.slice(1)).toEqual([false, true]);
  });
});
