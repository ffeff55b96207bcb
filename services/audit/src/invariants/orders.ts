import { OrderState, type Order } from '@everopen/contract/products';
import type { Invariant, Violation } from '../books.ts';

const NAME = 'orders';

/** One key, one order; an order adds up. */
export const ordersInvariant: Invariant = {
  name: NAME,
  statement: 'No two orders share an id or a key; the total of an order is the sum of its lines.',
  check: ({ orders }) => [
    ...duplicates(orders, 'id', (order) => String(order.orderId)),
    ...duplicates(orders, 'key', (order) => order.orderKey),
    ...orders.flatMap(checkTotal),
  ],
};

function duplicates(orders: readonly Order[], what: string, nameOf: (order: Order) => string): Violation[] {
  const seen = new Set<string>();
  return orders.flatMap((order) => {
    const name = nameOf(order);
    const isTombstone = order.orderId === 0 && what === 'id';
    if (isTombstone) return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ invariant: NAME, subject: `${what} ${name}`, message: `Two orders have the ${what} ${name}` }];
  });
}

function checkTotal(order: Order): Violation[] {
  const sum = order.lines.reduce((total, line) => total + line.quantity * line.unitPriceMinor, 0);
  if (sum === order.totalMinor || order.state === OrderState.CANCELLED) return [];
  return [
    {
      invariant: NAME,
      subject: `order ${order.orderId} total`,
      message: `Order ${order.orderId} has a total of ${order.totalMinor}, but its lines add up to ${sum}`,
    },
  ];
}
