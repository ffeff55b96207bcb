import { LIMITS } from '@everopen/contract';
import {
  AbortOrderRequest,
  Order,
  OrderKeyRequest,
  OrderState,
  ProductsCommand,
} from '@everopen/contract/products';
import { describe, expect, it } from 'vitest';
import { openShop, type LineRequest, type ShopHarness } from '../../test/shop-harness.ts';
import { ORDER_KEY_MAX_AGE_MS } from './order-keys.ts';
import { ProductsMachine } from './products-machine.ts';
import { REFUSAL_DETAILS_HELD_MAX_BYTES } from './refusal-details.ts';

const BUYER = 100;
const LEFT = '{"message":"Only 1 is left","details":{"left":1}}';

/** A guitar (item 1, 10 units) and a piano (item 2, 3 units, another seller). */
function openMusicShop(): ShopHarness {
  const shop = openShop();
  shop.list();
  shop.list({ sellerId: 8, name: 'Piano', priceMinor: 90_000, quantity: 3 });
  return shop;
}

const guitars = (quantity: number, unitPriceMinor = 25_000): LineRequest => ({
  itemId: 1,
  quantity,
  unitPriceMinor,
});
const pianos = (quantity: number, unitPriceMinor = 90_000): LineRequest => ({
  itemId: 2,
  quantity,
  unitPriceMinor,
});

describe('placing an order', () => {
  it('M14: reserves every line, and answers with sellers, names and the total', () => {
    const shop = openMusicShop();
    const order = shop.place(shop.key(), BUYER, [guitars(2), pianos(1)]);
    expect(order).toMatchObject({
      orderId: 1,
      buyerId: BUYER,
      state: OrderState.RESERVED,
      totalMinor: 140_000,
      currency: 'EUR',
      placedAtUnixMs: shop.harness.nowMs,
    });
    expect(order.lines[1]).toEqual({
      itemId: 2,
      quantity: 1,
      unitPriceMinor: 90_000,
      currency: 'EUR',
      sellerId: 8,
      name: 'Piano',
    });
    expect(shop.item(1)).toMatchObject({ available: 8, reserved: 2, sold: 0 });
    expect(shop.item(2)).toMatchObject({ available: 2, reserved: 1, sold: 0 });
  });

  it('M14: if one line is short, no line is reserved, and every short line is named', () => {
    const shop = openMusicShop();
    const error = shop.refused('OutOfStock', () => shop.place(shop.key(), BUYER, [guitars(11), pianos(4)]));
    expect(error.details).toEqual({
      lines: [
        { itemId: 1, requested: 11, available: 10 },
        { itemId: 2, requested: 4, available: 3 },
      ],
    });
    shop.refused('OutOfStock', () => shop.place(shop.key(), BUYER, [guitars(1), pianos(4)]));
  });

  it('M14: a changed price is refused with both prices, for every line at fault', () => {
    const shop = openMusicShop();
    const lines = [guitars(1, 1), { ...pianos(1), currency: 'EUR' }];
    const error = shop.refused('PriceChanged', () => shop.place(shop.key(), BUYER, lines));
    expect(error.details).toEqual({ lines: [{ itemId: 1, expectedMinor: 1, priceMinor: 25_000 }] });
  });

  it('M14: another currency is a changed price', () => {
    const shop = openMusicShop();
    const error = shop.refused('PriceChanged', () =>
      shop.place(shop.key(), BUYER, [{ ...guitars(1), currency: 'USD' }]),
    );
    expect(error.details['lines']).toMatchObject([{ expectedCurrency: 'USD', currency: 'EUR' }]);
  });

  it('M14: one order has one currency', () => {
    const shop = openMusicShop();
    const lines = [guitars(1), { ...pianos(1), currency: 'USD' }];
    shop.refused('MixedCurrencies', () => shop.place(shop.key(), BUYER, lines));
  });

  it('M14: an unknown item is NotFound', () => {
    const shop = openMusicShop();
    const line = { itemId: 3, quantity: 1, unitPriceMinor: 1 };
    expect(shop.refused('NotFound', () => shop.place(shop.key(), BUYER, [line])).details).toEqual({
      itemId: 3,
    });
  });

  it.each<[string, LineRequest[], string]>([
    ['no lines', [], 'lines'],
    ['an item in two lines', [guitars(1), guitars(2)], 'lines[1].item_id'],
    ['quantity 0', [guitars(0)], 'lines[0].quantity'],
    ['too many units', [guitars(LIMITS.unitsPerCartLine + 1)], 'lines[0].quantity'],
    ['price 0', [guitars(1, 0)], 'lines[0].unit_price_minor'],
    ['an unknown currency', [{ ...guitars(1), currency: 'eur' }], 'lines[0].currency'],
    ['item 0', [{ ...guitars(1), itemId: 0 }], 'lines[0].item_id'],
    [
      'too many lines',
      Array.from({ length: LIMITS.cartLines + 1 }, (_, i) => ({ ...guitars(1), itemId: i + 1 })),
      'lines',
    ],
  ])('M14: %s is refused, the field named', (_, lines, field) => {
    const shop = openMusicShop();
    const error = shop.refused('InvalidArgument', () => shop.place(shop.key(), BUYER, lines));
    expect(error.details['field']).toBe(field);
  });

  it('M17: the same key and lines are answered with the same order, whatever its state is by now', () => {
    const shop = openMusicShop();
    const key = shop.key();
    const order = shop.place(key, BUYER, [guitars(2), pianos(1)]);
    expect(shop.place(key, BUYER, [pianos(1), guitars(2)])).toEqual(order);
    expect(shop.place(key.toUpperCase(), BUYER, [guitars(2), pianos(1)])).toEqual(order);
    expect(shop.item(1).reserved).toBe(2);
    shop.changePrice(7, 1, 1);
    shop.confirm(key);
    expect(shop.place(key, BUYER, [guitars(2), pianos(1)])).toMatchObject({
      orderId: 1,
      state: OrderState.PAID,
      totalMinor: 140_000,
    });
  });

  it('M17: the same key with another order is refused', () => {
    const shop = openMusicShop();
    const key = shop.key();
    shop.place(key, BUYER, [guitars(2)]);
    shop.refused('KeyReused', () => shop.place(key, BUYER, [guitars(3)]));
    shop.refused('KeyReused', () => shop.place(key, BUYER, [guitars(2), pianos(1)]));
    shop.refused('KeyReused', () => shop.place(key, BUYER + 1, [guitars(2)]));
    shop.refused('KeyReused', () => shop.place(key, BUYER, [{ ...guitars(2), currency: 'USD' }]));
  });

  it('M17: a key is good for 24 hours of log time, and not from the far future', () => {
    const shop = openMusicShop();
    const key = shop.key();
    shop.harness.advance(ORDER_KEY_MAX_AGE_MS);
    const lastMoment = shop.place(key, BUYER, [guitars(1)]);
    shop.harness.advance(1);
    shop.refused('KeyExpired', () => shop.place(key, BUYER, [guitars(1)]));
    expect(shop.confirm(key).orderId).toBe(lastMoment.orderId);
    const tomorrow = shop.key(shop.harness.nowMs + 25 * 3_600_000);
    shop.refused('InvalidArgument', () => shop.place(tomorrow, BUYER, [guitars(1)]));
    shop.refused('InvalidArgument', () => shop.abort(tomorrow));
  });

  it.each(['', 'key', '6f6b6f52-6f52-4f52-8f52-6f526f526f52'])('M17: %o is no order key', (key) => {
    const shop = openMusicShop();
    const error = shop.refused('InvalidArgument', () => shop.place(key, BUYER, [guitars(1)]));
    expect(error.details['field']).toBe('order_key');
  });

  it('an account holds a limited number of unpaid orders; paid and cancelled ones do not count', () => {
    const shop = openMusicShop();
    const keys = Array.from({ length: LIMITS.openOrdersPerBuyer }, () => shop.key());
    for (const key of keys) shop.place(key, BUYER, [guitars(1)]);
    const error = shop.refused('QuotaExceeded', () => shop.place(shop.key(), BUYER, [guitars(1)]));
    expect(error.details).toEqual({ limit: 'openOrdersPerBuyer', max: LIMITS.openOrdersPerBuyer });
    shop.place(shop.key(), BUYER + 1, [guitars(1)]);
    shop.confirm(keys[0] as string);
    shop.place(shop.key(), BUYER, [guitars(1)]);
    shop.cancel(keys[1] as string);
    shop.place(shop.key(), BUYER, [guitars(1)]);
  });

  it('an account holds a limited number of unpaid units', () => {
    const shop = openShop();
    shop.list({ quantity: 50_000 });
    for (const quantity of [10_000, 10_000]) shop.place(shop.key(), BUYER, [guitars(quantity)]);
    const error = shop.refused('QuotaExceeded', () => shop.place(shop.key(), BUYER, [guitars(1)]));
    expect(error.details['limit']).toBe('reservedUnitsPerBuyer');
  });

  it('M16: 50 buyers after 10 units: exactly 10 are sold', () => {
    const shop = openMusicShop();
    let placed = 0;
    for (let buyer = 1; buyer <= 50; buyer++) {
      const key = shop.key();
      try {
        shop.place(key, buyer, [guitars(1)]);
        shop.confirm(key);
        placed++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'OutOfStock' });
      }
    }
    expect(placed).toBe(10);
    expect(shop.item(1)).toMatchObject({ available: 0, reserved: 0, sold: 10 });
  });
});

describe('the steps of an order', () => {
  it('M14: confirming sells the units, once', () => {
    const shop = openMusicShop();
    const key = shop.key();
    shop.place(key, BUYER, [guitars(2), pianos(1)]);
    const paid = shop.confirm(key, 'charge-9');
    expect(paid).toMatchObject({ state: OrderState.PAID, paymentReference: 'charge-9' });
    expect(shop.confirm(key, 'charge-9')).toEqual(paid);
    expect(shop.item(1)).toMatchObject({ available: 8, reserved: 0, sold: 2 });
    shop.refused('KeyReused', () => shop.confirm(key, 'charge-10'));
  });

  it('M10: a paid order counts once for each of its sellers', () => {
    const shop = openMusicShop();
    shop.list({ name: 'Drum', priceMinor: 500, quantity: 5 });
    const key = shop.key();
    shop.place(key, BUYER, [guitars(2), pianos(1), { itemId: 3, quantity: 3, unitPriceMinor: 500 }]);
    expect(shop.harness.rows('seller_revenue')).toEqual([]);
    shop.confirm(key);
    shop.confirm(key);
    shop.record(key);
    expect(shop.harness.rows('sellers')).toEqual([
      { seller_id: 7, items_listed: 2, units_sold: 5, orders_paid: 1 },
      { seller_id: 8, items_listed: 1, units_sold: 1, orders_paid: 1 },
    ]);
    expect(shop.harness.rows('seller_revenue')).toEqual([
      { seller_id: 7, currency: 'EUR', revenue_minor: 51_500 },
      { seller_id: 8, currency: 'EUR', revenue_minor: 90_000 },
    ]);
  });

  it('M14: cancelling gives the stock back, once, and the search finds it again', () => {
    const shop = openMusicShop();
    const key = shop.key();
    shop.place(key, BUYER, [pianos(3)]);
    expect(shop.harness.rows('items_for_sale')).toHaveLength(1);
    const cancelled = shop.cancel(key, 'PaymentDeclined');
    expect(cancelled).toMatchObject({ state: OrderState.CANCELLED, cancelReason: 'PaymentDeclined' });
    expect(shop.cancel(key, 'PaymentVoided')).toEqual(cancelled);
    expect(shop.item(2)).toMatchObject({ available: 3, reserved: 0 });
    expect(shop.harness.rows('items_for_sale')).toHaveLength(2);
    expect(shop.harness.rows('buyer_reservations')).toEqual([]);
  });

  it('M14: a cancelled order is never paid, a paid one never cancelled', () => {
    const shop = openMusicShop();
    const [cancelled, paid] = [shop.key(), shop.key()];
    shop.place(cancelled, BUYER, [guitars(1)]);
    shop.cancel(cancelled);
    shop.refused('OrderAborted', () => shop.confirm(cancelled));
    shop.refused('WrongOrderState', () => shop.record(cancelled));
    shop.place(paid, BUYER, [guitars(1)]);
    shop.refused('WrongOrderState', () => shop.record(paid));
    shop.confirm(paid);
    shop.refused('WrongOrderState', () => shop.cancel(paid));
    const recorded = shop.record(paid);
    expect(recorded.state).toBe(OrderState.RECORDED);
    expect(shop.record(paid)).toEqual(recorded);
    expect(shop.confirm(paid)).toEqual(recorded);
    shop.refused('WrongOrderState', () => shop.cancel(paid));
  });

  it('M17: a tombstone refuses the order for ever', () => {
    const shop = openMusicShop();
    const key = shop.key();
    const tombstone = shop.abort(key);
    expect(tombstone).toMatchObject({ orderId: 0, orderKey: key, state: OrderState.CANCELLED });
    expect(shop.abort(key)).toEqual(tombstone);
    expect(shop.cancel(key)).toEqual(tombstone);
    shop.refused('OrderAborted', () => shop.place(key, BUYER, [guitars(1)]));
    shop.refused('OrderAborted', () => shop.confirm(key));
    shop.refused('WrongOrderState', () => shop.record(key));
    shop.harness.advance(ORDER_KEY_MAX_AGE_MS + 1);
    shop.abort(shop.key());
    expect(shop.harness.rows('order_tombstones')).toHaveLength(1);
    shop.refused('KeyExpired', () => shop.place(key, BUYER, [guitars(1)]));
    expect(shop.abort(key)).toEqual({ ...tombstone, cancelReason: 'KeyExpired' });
    expect(shop.harness.rows('order_tombstones')).toHaveLength(1);
  });

  it('M17: a tombstone keeps the refusal it was made for, and answers every later step with it', () => {
    const shop = openMusicShop();
    const key = shop.key();
    const tombstone = shop.abort(key, 'OutOfStock', LEFT);
    expect(tombstone).toMatchObject({ cancelReason: 'OutOfStock', cancelDetails: LEFT });
    expect(shop.abort(key, 'PriceChanged', '{"message":"Another price"}')).toEqual(tombstone);
    expect(shop.abort(key, '')).toEqual(tombstone);
    expect(shop.cancel(key, 'PaymentVoided', '{"message":"Too late"}')).toEqual(tombstone);
    shop.harness.reloadInto(new ProductsMachine());
  });

  it('M17: a tombstone without a reason, as older logs have them, says that the order was called off', () => {
    const shop = openMusicShop();
    const key = shop.key();
    const command = { $case: 'abortOrder', value: AbortOrderRequest.fromPartial({ orderKey: key }) } as const;
    const older = OrderKeyRequest.encode({ orderKey: key }).finish();
    expect(AbortOrderRequest.encode(command.value).finish()).toEqual(older);
    const called = { cancelReason: 'OrderAborted', cancelDetails: '' };
    const bytes = shop.harness.answer(ProductsCommand.encode({ command }).finish());
    expect(Order.decode(bytes)).toMatchObject(called);
    expect(shop.abort(key, 'OutOfStock', LEFT)).toMatchObject(called);
    expect(shop.harness.rows('order_tombstones')).toMatchObject([{ reason: null, reason_details: null }]);
  });

  it('M17: a cancelled order keeps its first refusal', () => {
    const shop = openMusicShop();
    const key = shop.key();
    shop.place(key, BUYER, [guitars(1)]);
    expect(shop.harness.rows('orders')).toMatchObject([{ cancel_reason: null, cancel_details: null }]);
    const cancelled = shop.cancel(key, 'InvalidCard', '{"details":{"field":"number"}}');
    expect(cancelled.cancelDetails).toBe('{"details":{"field":"number"}}');
    expect(shop.cancel(key, 'PaymentVoided', '')).toEqual(cancelled);
    expect(shop.abort(key, 'OutOfStock', LEFT)).toEqual(cancelled);
    expect(shop.place(key, BUYER, [guitars(1)])).toEqual(cancelled);
  });

  it.each<[string, string, string]>([
    ['no object', 'OutOfStock', '["Only 1 is left"]'],
    ['a text beyond ASCII', 'OutOfStock', '{"message":"Nur 1 übrig"}'],
    ['a control character', 'OutOfStock', '{"message":"1\n"}'],
    ['too long', 'OutOfStock', `{${'x'.repeat(LIMITS.refusalDetailsMaxBytes - 1)}}`],
  ])('M17: details of a refusal that are %s are refused, the field named', (_, reason, details) => {
    const shop = openMusicShop();
    const key = shop.key();
    const max = `{${' '.repeat(LIMITS.refusalDetailsMaxBytes - 2)}}`;
    expect(shop.abort(shop.key(), reason, max).cancelDetails).toBe(max);
    shop.place(key, BUYER, [guitars(1)]);
    for (const attempt of [
      () => shop.cancel(key, reason, details),
      () => shop.abort(shop.key(), reason, details),
    ]) {
      expect(shop.refused('InvalidArgument', attempt).details['field']).toBe('reason_details');
    }
  });

  it('M17: details need a reason that they are of', () => {
    const shop = openMusicShop();
    const error = shop.refused('InvalidArgument', () => shop.abort(shop.key(), '', LEFT));
    expect(error.details['field']).toBe('reason_details');
    const long = shop.refused('InvalidArgument', () => shop.abort(shop.key(), 'x'.repeat(65)));
    expect(long.details['field']).toBe('reason');
  });

  it('M17: aborting an order that was placed answers with it, as it is', () => {
    const shop = openMusicShop();
    const key = shop.key();
    const order = shop.place(key, BUYER, [guitars(1)]);
    expect(shop.abort(key)).toEqual(order);
    expect(shop.item(1).reserved).toBe(1);
  });

  it.each(['confirm', 'cancel', 'record'] as const)('%s for an unknown key is NotFound', (step) => {
    const shop = openMusicShop();
    shop.refused('NotFound', () => shop[step](shop.key()));
  });

  it('a payment reference or a reason that is missing is refused, the field named', () => {
    const shop = openMusicShop();
    const key = shop.key();
    shop.place(key, BUYER, [guitars(1)]);
    const confirm = shop.refused('InvalidArgument', () => shop.confirm(key, ''));
    expect(confirm.details['field']).toBe('payment_reference');
    const cancel = shop.refused('InvalidArgument', () => shop.cancel(key, 'x'.repeat(65)));
    expect(cancel.details['field']).toBe('reason');
  });
});

describe('what memory forgets', () => {
  const held = (shop: ShopHarness): unknown =>
    shop.harness.rows('counters').find((row) => row['name'] === 'refusal_bytes_held')?.['value'];

  it('refusals leave with their tombstones and orders, and an archived order still has its own', () => {
    const shop = openMusicShop();
    const [cancelled, late] = [shop.key(), shop.key()];
    shop.place(cancelled, 1, [guitars(1)]);
    shop.place(late, 2, [guitars(1)]);
    shop.cancel(cancelled, 'InvalidCard', LEFT);
    shop.abort(shop.key(), 'OutOfStock', LEFT);
    expect(held(shop)).toBe(2 * LEFT.length);
    shop.harness.advance(ORDER_KEY_MAX_AGE_MS + 1);
    shop.abort(shop.key(), 'OutOfStock', '');
    shop.place(shop.key(), 3, [guitars(1)]);
    expect(held(shop)).toBe(0);
    shop.cancel(late, 'PaymentVoided', LEFT);
    expect(held(shop)).toBe(0);
    const archived = shop.harness.rows('archived_orders');
    expect(archived.map((row) => row['cancel_details'])).toEqual([LEFT, LEFT]);
  });

  it('limit: so many bytes of refusals are held; beyond, a refusal is its code alone', () => {
    const shop = openMusicShop();
    const details = `{${' '.repeat(LIMITS.refusalDetailsMaxBytes - 2)}}`;
    const { counters } = shop.machine.state;
    shop.abort(shop.key(), 'OutOfStock', details);
    // As if a day of refusals had left room for one more.
    shop.machine.tables.begin();
    counters.put({ name: 'refusal_bytes_held', value: REFUSAL_DETAILS_HELD_MAX_BYTES - details.length });
    shop.machine.tables.commit();
    expect(shop.abort(shop.key(), 'OutOfStock', details).cancelDetails).toBe(details);
    const [key, order] = [shop.key(), shop.key()];
    const bare = { cancelReason: 'OutOfStock', cancelDetails: '' };
    expect(shop.abort(key, 'OutOfStock', '{}')).toMatchObject(bare);
    expect(shop.abort(key, 'OutOfStock', '{}')).toMatchObject(bare);
    shop.place(order, BUYER, [guitars(1)]);
    expect(shop.cancel(order, 'OutOfStock', '{}')).toMatchObject(bare);
  });

  it('finished orders move to the archive a day after, open ones when they are finished', () => {
    const shop = openShop();
    shop.list({ quantity: 1_000 });
    const keys = Array.from({ length: 20 }, () => shop.key());
    keys.forEach((key, i) => {
      shop.place(key, i + 1, [guitars(1)]);
      if (i % 4 === 0) return;
      if (i % 4 === 1) shop.cancel(key);
      else shop.confirm(key);
      if (i % 4 === 2) shop.record(key);
    });
    const before = shop.harness.rows('orders');
    shop.harness.advance(ORDER_KEY_MAX_AGE_MS + 1);
    for (let i = 0; i < 5; i++) shop.place(shop.key(), 50 + i, [guitars(1)]);
    const states = shop.harness.rows('orders').map((row) => row['state']);
    expect(states).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1]);
    expect(shop.harness.rows('archived_orders')).toEqual(before.filter((_, i) => i % 4 === 1 || i % 4 === 2));

    shop.cancel(keys[0] as string);
    shop.record(keys[3] as string);
    expect(shop.harness.rows('archived_orders')).toHaveLength(12);
    expect(shop.harness.rows('orders')).toHaveLength(13);
    // Neither the key nor the units come back.
    shop.refused('KeyExpired', () => shop.place(keys[0] as string, 1, [guitars(1)]));
    shop.refused('NotFound', () => shop.cancel(keys[0] as string));
  });

  it('the work of one command is bounded, however much there is to forget', () => {
    const shop = openShop();
    shop.list({ quantity: 1_000 });
    for (let i = 0; i < 100; i++) {
      const key = shop.key();
      shop.place(key, i + 1, [guitars(1)]);
      shop.cancel(key);
    }
    shop.harness.advance(2 * ORDER_KEY_MAX_AGE_MS);
    shop.place(shop.key(), 1, [guitars(1)]);
    expect(shop.harness.rows('archived_orders')).toHaveLength(4);
  });
});
