import { LIMITS } from '@everopen/contract';
import { CheckoutState, Role } from '@everopen/contract/customers';
import { describe, expect, it } from 'vitest';
import { createCustomersWorld, linesOf, type Person } from '../../test/customers-world.ts';
import { listOpenCheckouts, openCheckoutsOf } from './checkouts.ts';
import { CHECKOUT_KEY_AHEAD_MAX_MS, CHECKOUT_KEY_LIFETIME_MS, CLEAN_UP_STEPS } from './machine-limits.ts';

function worldWithCart() {
  const world = createCustomersWorld();
  const buyer = world.buyer('ada');
  const seller = world.seller('sam');
  world.add(buyer, 2, 3);
  world.add(buyer, 1, 4);
  const request = (person: Person = buyer) => ({
    checkoutKey: world.key(),
    sessionKey: person.sessionKey,
    lines: linesOf(world.cart(person)),
  });
  return { world, buyer, seller, request };
}

describe('beginning a checkout', () => {
  it('M14: moves the lines out of the cart, so that no second key can pay for them', () => {
    const { world, buyer, request } = worldWithCart();
    const first = request();
    expect(world.answer('beginCheckout', first)).toEqual({
      checkoutKey: first.checkoutKey,
      buyerId: buyer.accountId,
      state: CheckoutState.OPEN,
      lines: first.lines,
      begunAtUnixMs: world.harness.nowMs,
      orderId: 0,
    });
    expect(world.cart(buyer)).toEqual([]);
    expect(world.refusal('beginCheckout', { ...first, checkoutKey: world.key() }).code).toBe('CartEmpty');
  });

  it('M17: the same key again gives the same checkout, whatever the cart holds now', () => {
    const { world, buyer, request } = worldWithCart();
    const first = request();
    const answer = world.answer('beginCheckout', first);
    world.harness.advance(1_000);
    world.add(buyer, 9, 9);
    expect(world.answer('beginCheckout', first)).toEqual(answer);
    expect(world.answer('beginCheckout', { ...first, lines: first.lines.toReversed() })).toEqual(answer);
    expect(world.cart(buyer)).toEqual([{ itemId: 9, quantity: 9 }]);
  });

  it('M17: the same key with other lines, another price or by another buyer is KeyReused', () => {
    const { world, request } = worldWithCart();
    const stranger = world.buyer('bob');
    const first = request();
    world.answer('beginCheckout', first);
    const [line, ...others] = first.lines as [(typeof first.lines)[0]];
    for (const reused of [
      { ...first, lines: [{ ...line, unitPriceMinor: 499 }, ...others] },
      { ...first, lines: [{ ...line, currency: 'USD' }, ...others] },
      { ...first, lines: others },
      { ...first, sessionKey: stranger.sessionKey },
    ]) {
      expect(world.refusal('beginCheckout', reused).code).toBe('KeyReused');
    }
  });

  it('M17: after its end the same key still gives the same checkout, and its lines', () => {
    const { world, buyer, seller, request } = worldWithCart();
    const recorded = request();
    world.record(world.answer('beginCheckout', recorded), seller.accountId, 7);
    expect(world.answer('beginCheckout', recorded)).toMatchObject({
      state: CheckoutState.RECORDED,
      orderId: 7,
      lines: recorded.lines,
    });
    world.add(buyer, 5, 1);
    const aborted = request();
    world.answer('beginCheckout', aborted);
    world.answer('abortCheckout', aborted);
    expect(world.answer('beginCheckout', aborted)).toMatchObject({
      state: CheckoutState.ABORTED,
      orderId: 0,
    });
    expect(world.cart(buyer)).toEqual([{ itemId: 5, quantity: 1 }]);
  });

  it('M14: lines that are not the cart are CartChanged, with what the cart holds', () => {
    const { world, buyer, request } = worldWithCart();
    const seen = request();
    world.add(buyer, 1, 1);
    expect(world.refusal('beginCheckout', seen)).toMatchObject({
      code: 'CartChanged',
      details: {
        cart: [
          { itemId: 2, quantity: 3 },
          { itemId: 1, quantity: 5 },
        ],
      },
    });
    for (const lines of [
      [],
      seen.lines.slice(1),
      [...request().lines, ...linesOf([{ itemId: 3, quantity: 1 }])],
    ]) {
      expect(world.refusal('beginCheckout', { ...seen, lines }).code).toBe('CartChanged');
    }
  });

  it('M15: an empty cart is CartEmpty', () => {
    const { world } = worldWithCart();
    const stranger = world.buyer('bob');
    const request = { checkoutKey: world.key(), sessionKey: stranger.sessionKey, lines: [] };
    expect(world.refusal('beginCheckout', request).code).toBe('CartEmpty');
  });

  it('M14: one order cannot mix currencies', () => {
    const { world, request } = worldWithCart();
    const mixed = request();
    const lines = mixed.lines.map((line, i) => (i === 0 ? { ...line, currency: 'USD' } : line));
    expect(world.refusal('beginCheckout', { ...mixed, lines })).toMatchObject({
      code: 'MixedCurrencies',
      details: { currencies: ['USD', 'EUR'] },
    });
  });

  it('M4: needs a live session of a buyer', () => {
    const { world, seller, request } = worldWithCart();
    expect(world.refusal('beginCheckout', { ...request(), sessionKey: seller.sessionKey }).code).toBe(
      'Unauthenticated',
    );
  });

  it('limit: a buyer has so many checkouts open and not one more', () => {
    const { world, buyer, request } = worldWithCart();
    for (let i = 0; i < LIMITS.openOrdersPerBuyer; i++) {
      world.begin(buyer);
      world.add(buyer, 1, 1);
    }
    const oneMore = request();
    expect(world.refusal('beginCheckout', oneMore)).toMatchObject({
      code: 'QuotaExceeded',
      details: { limit: 'openOrdersPerBuyer' },
    });
    const [newest] = openCheckoutsOf(world.machine.state, buyer.accountId);
    world.answer('abortCheckout', { checkoutKey: newest?.checkoutKey as string });
    expect(world.answer('beginCheckout', request()).state).toBe(CheckoutState.OPEN);
  });

  it('M17: a key older than 24 hours begins nothing, nor does one from the far future', () => {
    const { world, buyer, request } = worldWithCart();
    const { nowMs } = world.harness;
    const at = (ms: number) => ({ ...request(), checkoutKey: world.key(ms) });
    expect(world.refusal('beginCheckout', at(nowMs - CHECKOUT_KEY_LIFETIME_MS)).code).toBe('KeyExpired');
    expect(world.refusal('beginCheckout', at(nowMs + CHECKOUT_KEY_AHEAD_MAX_MS + 1))).toMatchObject({
      code: 'InvalidArgument',
      details: { field: 'checkout_key' },
    });
    expect(world.cart(buyer)).toHaveLength(2);
    world.answer('beginCheckout', at(nowMs - CHECKOUT_KEY_LIFETIME_MS + 1));
    world.add(buyer, 1, 1);
    world.answer('beginCheckout', at(nowMs + CHECKOUT_KEY_AHEAD_MAX_MS));
  });

  it.each([
    ['checkout_key', { checkoutKey: '' }],
    ['checkout_key', { checkoutKey: '0190163d-8694-4000-8000-000000000000' }],
    ['checkout_key', { checkoutKey: '0190163D-8694-7000-8000-000000000000' }],
    ['lines[0].item_id', { lines: linesOf([{ itemId: 0, quantity: 1 }]) }],
    ['lines[0].quantity', { lines: linesOf([{ itemId: 1, quantity: 0 }]) }],
    ['lines[0].quantity', { lines: linesOf([{ itemId: 1, quantity: LIMITS.unitsPerCartLine + 1 }]) }],
    [
      'lines[1].item_id',
      {
        lines: linesOf([
          { itemId: 1, quantity: 1 },
          { itemId: 1, quantity: 1 },
        ]),
      },
    ],
    ['lines[0].currency', { lines: [{ itemId: 1, quantity: 1, unitPriceMinor: 1, currency: 'eur' }] }],
    ['lines[0].currency', { lines: [{ itemId: 1, quantity: 1, unitPriceMinor: 1, currency: 'toString' }] }],
    [
      'lines[0].unit_price_minor',
      { lines: [{ itemId: 1, quantity: 1, unitPriceMinor: LIMITS.priceMaxMinor + 1, currency: 'EUR' }] },
    ],
    [
      'lines',
      {
        lines: linesOf(
          Array.from({ length: LIMITS.cartLines + 1 }, (_, i) => ({ itemId: i + 1, quantity: 1 })),
        ),
      },
    ],
  ])('X: a bad %s is refused with its name', (field, bad) => {
    const { world, request } = worldWithCart();
    expect(world.refusal('beginCheckout', { ...request(), ...bad })).toMatchObject({
      code: 'InvalidArgument',
      details: { field },
    });
  });
});

describe('aborting a checkout', () => {
  it('M15: gives the lines back in their order, and again changes nothing', () => {
    const { world, buyer } = worldWithCart();
    const before = world.cart(buyer);
    const { checkoutKey } = world.begin(buyer);
    const answer = world.answer('abortCheckout', { checkoutKey });
    expect(answer).toMatchObject({ state: CheckoutState.ABORTED, lines: [], buyerId: buyer.accountId });
    expect(world.cart(buyer)).toEqual(before);
    expect(world.answer('abortCheckout', { checkoutKey })).toEqual(answer);
    expect(world.cart(buyer)).toEqual(before);
  });

  it('M15: merges with what was added since', () => {
    const { world, buyer } = worldWithCart();
    const { checkoutKey } = world.begin(buyer);
    world.add(buyer, 1, 10);
    world.answer('abortCheckout', { checkoutKey });
    expect(world.cart(buyer)).toEqual([
      { itemId: 1, quantity: 14 },
      { itemId: 2, quantity: 3 },
    ]);
  });

  it('limit: is never refused; what the cart cannot hold any more is dropped', () => {
    const { world, buyer } = worldWithCart();
    const { checkoutKey } = world.begin(buyer);
    world.add(buyer, 1, LIMITS.unitsPerCartLine - 1);
    for (let itemId = 101; itemId < 100 + LIMITS.cartLines; itemId++) world.add(buyer, itemId, 1);
    world.answer('abortCheckout', { checkoutKey });
    const cart = world.cart(buyer);
    expect(cart).toHaveLength(LIMITS.cartLines);
    expect(cart[0]).toEqual({ itemId: 1, quantity: LIMITS.unitsPerCartLine });
    expect(cart.find((line) => line.itemId === 2)).toBeUndefined();
  });

  it('M14: what is recorded stays recorded, and the answer says so', () => {
    const { world, buyer, seller } = worldWithCart();
    const checkout = world.begin(buyer);
    world.record(checkout, seller.accountId, 1);
    expect(world.answer('abortCheckout', checkout)).toMatchObject({
      state: CheckoutState.RECORDED,
      orderId: 1,
    });
    expect(world.cart(buyer)).toEqual([]);
  });

  it('X: an unknown key is NotFound, one too old to be known KeyExpired', () => {
    const { world } = worldWithCart();
    expect(world.refusal('abortCheckout', { checkoutKey: world.key() }).code).toBe('NotFound');
    const old = world.key(world.harness.nowMs - CHECKOUT_KEY_LIFETIME_MS);
    expect(world.refusal('abortCheckout', { checkoutKey: old }).code).toBe('KeyExpired');
  });
});

describe('open checkouts', () => {
  it('M14: are listed for sweepers, the longest open first, by log time', () => {
    const { world, buyer } = worldWithCart();
    const { state } = world.machine;
    const begun = [1, 2, 3].map((itemId) => {
      world.harness.advance(1_000);
      world.add(buyer, itemId, 1);
      return world.begin(buyer);
    });
    expect(listOpenCheckouts(state, 0, 100)).toEqual(begun);
    expect(listOpenCheckouts(state, 0, 2)).toEqual(begun.slice(0, 2));
    expect(listOpenCheckouts(state, begun[1]?.begunAtUnixMs as number, 100)).toEqual(begun.slice(0, 1));
    expect(openCheckoutsOf(state, buyer.accountId)).toEqual(begun.toReversed());
    world.answer('abortCheckout', begun[0] as (typeof begun)[0]);
    expect(listOpenCheckouts(state, 0, 100)).toEqual(begun.slice(1));
  });

  it('are never forgotten, however old', () => {
    const { world, buyer, seller } = worldWithCart();
    const checkout = world.begin(buyer);
    world.harness.advance(10 * CHECKOUT_KEY_LIFETIME_MS);
    expect(world.record(checkout, seller.accountId, 1).state).toBe(CheckoutState.RECORDED);
    // Other servers may still be at their steps: an end is remembered for an hour at least.
    world.harness.advance(3_599_999);
    expect(world.record(checkout, seller.accountId, 1).state).toBe(CheckoutState.RECORDED);
  });
});

describe('cleaning up ended checkouts', () => {
  it('forgets them when their keys have expired, a few with each command; the key stays refused', () => {
    const { world, buyer } = worldWithCart();
    const ended = Array.from({ length: CLEAN_UP_STEPS + 1 }, () => {
      const checkout = world.begin(buyer);
      world.answer('abortCheckout', checkout);
      return checkout;
    });
    const remembered = () => world.harness.rows('ended_checkouts').length;
    world.harness.advance(CHECKOUT_KEY_LIFETIME_MS - 1);
    const session = { sessionKey: world.login(buyer), role: Role.BUYER };
    expect(remembered()).toBe(ended.length);
    expect(world.answer('abortCheckout', ended[0] as { checkoutKey: string }).state).toBe(
      CheckoutState.ABORTED,
    );

    world.harness.advance(1);
    world.answer('touchSession', session);
    expect(remembered()).toBe(1);
    world.answer('touchSession', session);
    expect(remembered()).toBe(0);
    const [{ checkoutKey, lines }] = ended as [(typeof ended)[0]];
    expect(world.refusal('abortCheckout', { checkoutKey }).code).toBe('KeyExpired');
    const again = { checkoutKey, lines, sessionKey: session.sessionKey };
    expect(world.refusal('beginCheckout', again).code).toBe('KeyExpired');
  });
});
