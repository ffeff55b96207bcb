import { OrderState, type Item, type Order } from '@everopen/contract/products';
import type { Books, Invariant, Violation } from '../books.ts';

const NAME = 'stock';

/** Units are conserved, and the counters of every item agree with the orders. */
export const stockInvariant: Invariant = {
  name: NAME,
  statement:
    'For each item: initial + added = available + reserved + sold + removed, none below zero; reserved and sold are the units of its orders.',
  check: (books) => {
    const units = unitsInOrders(books.orders);
    return books.items.flatMap((item) => checkItem(item, units.get(item.itemId)));
  },
};

interface Units {
  reserved: number;
  sold: number;
}

function unitsInOrders(orders: readonly Order[]): Map<number, Units> {
  const units = new Map<number, Units>();
  for (const { state, lines } of orders) {
    for (const { itemId, quantity } of lines) {
      const sum = units.get(itemId) ?? { reserved: 0, sold: 0 };
      if (state === OrderState.RESERVED) sum.reserved += quantity;
      if (state === OrderState.PAID || state === OrderState.RECORDED) sum.sold += quantity;
      units.set(itemId, sum);
    }
  }
  return units;
}

function checkItem(item: Item, units: Units = { reserved: 0, sold: 0 }): Violation[] {
  const violations: Violation[] = [];
  const broken = (subject: string, message: string): void => {
    violations.push({ invariant: NAME, subject: `item ${item.itemId} ${subject}`, message });
  };
  const { initial, added, removed, available, reserved, sold } = item;
  if (initial + added !== available + reserved + sold + removed) {
    broken(
      'units',
      `Item ${item.itemId}: ${initial} + ${added} units came, but ${available} available + ${reserved} reserved + ${sold} sold + ${removed} removed are accounted for`,
    );
  }
  for (const [name, value] of Object.entries({ initial, added, removed, available, reserved, sold })) {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      broken(name, `Item ${item.itemId}: ${name} is ${value}`);
    }
  }
  if (reserved !== units.reserved) {
    broken('reserved', `Item ${item.itemId}: ${reserved} reserved, but its orders reserve ${units.reserved}`);
  }
  if (sold !== units.sold) {
    broken('sold', `Item ${item.itemId}: ${sold} sold, but its paid orders have ${units.sold}`);
  }
  return violations;
}

/** For the summary: units in paid orders. */
export function unitsSold(books: Books): number {
  let sum = 0;
  for (const { sold } of unitsInOrders(books.orders).values()) sum += sold;
  return sum;
}
