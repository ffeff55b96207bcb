import { OrderState, type Order } from '@everopen/contract/products';
import { isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelShop, type Expected, type ModelLine, type ModelOrder } from '../../test/model-shop.ts';
import { openShop, type ShopHarness } from '../../test/shop-harness.ts';
import type { CounterRow } from '../schema/counters.ts';
import type { ItemRow } from '../schema/items.ts';
import type { OrderRow, TombstoneRow } from '../schema/orders.ts';
import { assertUnits } from './change-item.ts';
import { ProductsMachine } from './products-machine.ts';

const HOUR_MS = 3_600_000;
const STATES: Record<number, ModelOrder['state']> = {
  [OrderState.RESERVED]: 'reserved',
  [OrderState.PAID]: 'paid',
  [OrderState.RECORDED]: 'recorded',
  [OrderState.CANCELLED]: 'cancelled',
};
/** What buyers may be refused for, as the flow writes it. */
const REFUSALS = [
  ['OutOfStock', '{"message":"Only 1 is left"}'],
  ['OutOfStock', '{"message":"None is left"}'],
  ['PaymentVoided', ''],
] as const;
const refusalOf = (reason: string | null, details: string | null): string => `${reason} ${details ?? ''}`;
const stateOf = (order: Order): string => STATES[order.state] as string;

/** Two sellers, few items, few keys: so that commands meet. */
const seller = fc.integer({ min: 1, max: 2 });
const item = fc.integer({ min: 1, max: 5 });
const price = fc.integer({ min: 1, max: 2 });
const quantity = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 6 }) },
  fc.constantFrom(9_999, 10_000),
);
const key = fc.nat(7);
const lines = fc.uniqueArray(fc.record({ itemId: item, quantity, unitPriceMinor: price }), {
  minLength: 1,
  maxLength: 3,
  selector: (line: ModelLine) => line.itemId,
});
const operation = fc.oneof(
  fc.record({ kind: fc.constant('list'), seller, name: fc.nat(1), price, quantity }),
  fc.record({ kind: fc.constantFrom('add', 'remove'), seller, item, quantity }),
  fc.record({ kind: fc.constant('price'), seller, item, price }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('place'), key, buyer: fc.nat(1), lines }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('confirm', 'record'), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('cancel', 'abort'), key, why: fc.nat(2) }) },
  fc.record({ kind: fc.constant('rate'), number: fc.integer({ min: 1, max: 4 }), item, up: fc.boolean() }),
  fc.record({ kind: fc.constant('wait'), hours: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('restart') }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** What the machine did, in the model's terms. */
function observe<T>(attempt: () => T): Expected<T> {
  try {
    return { ok: attempt() };
  } catch (error) {
    if (isCodedError(error)) return { refused: error.code };
    throw error;
  }
}

class Run {
  private readonly shop = openShop();
  private readonly model = new ModelShop();
  private readonly keys = Array.from({ length: 8 }, () => this.shop.key());
  private readonly madeAt = this.shop.harness.nowMs;
  /** Keys that memory no longer knows: their steps are answered from the archive, by the edge. */
  private forgotten = new Set<string>();

  step(operation: Operation): void {
    const { shop, model } = this;
    switch (operation.kind) {
      case 'list': {
        const { seller: sellerId, name, price: priceMinor, quantity: units } = operation;
        const listing = { sellerId, name: `Item ${name}`, priceMinor, quantity: units };
        const listed = observe(() => shop.list(listing).item?.itemId);
        expect(listed).toEqual(model.list(sellerId, `${name}`, priceMinor, units));
        break;
      }
      case 'add':
      case 'remove': {
        const change = [operation.seller, operation.item, operation.quantity] as const;
        const isAdd = operation.kind === 'add';
        const done = observe(() => void (isAdd ? shop.addUnits(...change) : shop.removeUnits(...change)));
        expect(code(done)).toEqual(code(isAdd ? model.add(...change) : model.remove(...change)));
        break;
      }
      case 'price': {
        const change = [operation.seller, operation.item, operation.price] as const;
        expect(code(observe(() => shop.changePrice(...change)))).toEqual(code(model.price(...change)));
        break;
      }
      case 'place': {
        const orderKey = this.keys[operation.key] as string;
        const ageMs = shop.harness.nowMs - this.madeAt;
        const placed = observe(() => stateOf(shop.place(orderKey, operation.buyer + 1, operation.lines)));
        expect(placed).toEqual(model.place(orderKey, ageMs, operation.buyer + 1, operation.lines));
        break;
      }
      case 'confirm':
      case 'record': {
        const orderKey = this.keys[operation.key] as string;
        if (this.forgotten.has(orderKey)) return;
        const done = observe(() => stateOf(shop[operation.kind](orderKey)));
        expect(done).toEqual(model[operation.kind](orderKey));
        break;
      }
      case 'cancel':
      case 'abort': {
        const orderKey = this.keys[operation.key] as string;
        if (this.forgotten.has(orderKey)) return;
        const [reason, details] = REFUSALS[operation.why] as (typeof REFUSALS)[number];
        const done = observe(() => stateOf(shop[operation.kind](orderKey, reason, details)));
        const isExpired = shop.harness.nowMs - this.madeAt > 24 * HOUR_MS;
        if (isExpired && operation.kind === 'abort' && !model.orders.has(orderKey)) {
          expect(done).toEqual({ ok: 'cancelled' });
        } else {
          expect(done).toEqual(model[operation.kind](orderKey, refusalOf(reason, details)));
        }
        break;
      }
      case 'rate': {
        const rating = [operation.number, operation.item, operation.up] as const;
        expect(observe(() => shop.feedback(...rating))).toEqual(model.rate(...rating));
        break;
      }
      case 'wait':
        shop.harness.advance(operation.hours * HOUR_MS);
        break;
      case 'restart':
        shop.harness.reloadInto(new ProductsMachine());
        break;
    }
    this.check();
  }

  /** Invariant 1, and that everything derived says the same as what it is derived from. */
  private check(): void {
    const { shop, model } = this;
    const items = shop.harness.rows<ItemRow>('items');
    expect(items).toHaveLength(model.items.length);
    items.forEach((row, i) => {
      assertUnits(row);
      const modelItem = model.items[i];
      const { price_minor: priceMinor, available, initial, added, removed } = row;
      expect({ priceMinor, available, initial, added, removed }).toMatchObject({
        priceMinor: modelItem?.priceMinor,
        available: modelItem?.available,
        initial: modelItem?.initial,
        added: modelItem?.added,
        removed: modelItem?.removed,
      });
      expect(row.reserved).toBe(model.units(row.item_id, 'reserved'));
      expect(row.sold).toBe(model.units(row.item_id, 'paid', 'recorded'));
      expect(row.thumbs_up - row.thumbs_down).toBe(modelItem?.thumbs);
    });
    const forSale = shop.harness.rows('items_for_sale');
    expect(forSale.map((row) => [row['item_id'], row['price_minor']])).toEqual(
      items.filter((row) => row.available > 0).map((row) => [row.item_id, row.price_minor]),
    );
    this.checkOrders();
    this.checkSums(items);
  }

  private checkOrders(): void {
    const held = this.shop.harness.rows<OrderRow>('orders');
    const archived = this.shop.harness.rows<OrderRow>('archived_orders');
    const states = new Map([...held, ...archived].map((row) => [row.order_key, STATES[row.state]]));
    expect(states.size).toBe(held.length + archived.length);
    expect(states).toEqual(new Map([...this.model.orders].map(([name, order]) => [name, order.state])));
    for (const { order_key: name, state, cancel_reason: reason, cancel_details: details } of [
      ...held,
      ...archived,
    ]) {
      const refusal = state === OrderState.CANCELLED ? refusalOf(reason, details) : undefined;
      expect(refusal).toBe(this.model.orders.get(name)?.refusal);
    }
    this.forgotten = new Set(archived.map((row) => row.order_key));
    const tombstones = this.shop.harness.rows<TombstoneRow>('order_tombstones');
    for (const { order_key: name, reason, reason_details: details } of tombstones) {
      expect(refusalOf(reason, details)).toBe(this.model.tombstones.get(name));
    }
    const kept = new Set(tombstones.map((row) => row.order_key));
    for (const name of this.model.tombstones.keys()) if (!kept.has(name)) this.forgotten.add(name);
    this.checkBytesHeld([
      ...held.map((row) => row.cancel_details),
      ...tombstones.map((row) => row.reason_details),
    ]);
  }

  private checkBytesHeld(details: readonly (string | null)[]): void {
    const counters = this.shop.harness.rows<CounterRow>('counters');
    const held = counters.find((row) => row.name === 'refusal_bytes_held')?.value ?? 0;
    expect(held).toBe(details.reduce((sum, each) => sum + (each?.length ?? 0), 0));
  }

  private checkSums(items: readonly ItemRow[]): void {
    const sum = (rows: readonly ItemRow[], column: 'sold' | 'reserved'): number =>
      rows.reduce((total, row) => total + row[column], 0);
    const reservations = this.shop.harness.rows('buyer_reservations');
    const reserved = reservations.reduce((total, row) => total + (row['reserved_units'] as number), 0);
    expect(reserved).toBe(sum(items, 'reserved'));
    for (const row of this.shop.harness.rows('sellers')) {
      const own = items.filter((each) => each.seller_id === row['seller_id']);
      expect(row).toMatchObject({ items_listed: own.length, units_sold: sum(own, 'sold') });
    }
  }
}

function code(outcome: Expected<unknown>): string {
  return 'refused' in outcome ? outcome.refused : 'ok';
}

describe('the products database, held against a plain model', () => {
  it('M8, M9, M14, M16, M17, M18: random commands have the outcome of the model, and units balance at every step', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60, size: 'max' }), (operations) => {
        const run = new Run();
        for (const each of operations) run.step(each);
      }),
      { numRuns: 150 },
    );
  });

  it('two machines that get the same commands have the same digest, and so has one that restarted', () => {
    const drive = (shop: ShopHarness): string => {
      shop.list();
      const orderKey = shop.key(shop.harness.nowMs);
      shop.place(orderKey, 1, [{ itemId: 1, quantity: 2, unitPriceMinor: 25_000 }]);
      shop.confirm(orderKey);
      return shop.machine.tables.digest();
    };
    const shop = openShop();
    expect(drive(shop)).toBe(drive(openShop()));
    shop.harness.reloadInto(new ProductsMachine());
  });
});
