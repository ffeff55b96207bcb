import { CheckoutState, type Purchase } from '@everopen/contract/customers';
import { OrderState, type Order } from '@everopen/contract/products';
import type { Invariant, Violation } from '../books.ts';

const NAME = 'history';

/** Whatever was paid is in its buyer's history, once, with the same lines. */
export const historyInvariant: Invariant = {
  name: NAME,
  statement:
    'Every paid order is in the history of its buyer exactly once, line by line, and nothing else is.',
  check: ({ orders, purchases }) => {
    const violations: Violation[] = [];
    const broken = (id: number, message: string): void => {
      violations.push({ invariant: NAME, subject: `order ${id}`, message });
    };
    const byId = new Map(orders.map((order) => [order.orderId, order]));
    const recorded = new Set<number>();
    for (const purchase of purchases) {
      const { orderId } = purchase;
      if (purchase.state !== CheckoutState.RECORDED) continue;
      if (recorded.has(orderId)) broken(orderId, `Order ${orderId} is in the history twice`);
      recorded.add(orderId);
      const order = byId.get(orderId);
      if (order === undefined) broken(orderId, `The history has an order ${orderId} that does not exist`);
      else if (!isPaid(order)) broken(orderId, `The history has order ${orderId}, which is not paid`);
      else if (facts(purchase) !== facts(order)) {
        broken(orderId, `Order ${orderId} and its entry in the history differ`);
      }
    }
    for (const order of orders) {
      if (isPaid(order) && !recorded.has(order.orderId)) {
        broken(
          order.orderId,
          `Order ${order.orderId} is paid, but not in the history of buyer ${order.buyerId}`,
        );
      }
    }
    return violations;
  },
};

function isPaid({ state }: Order): boolean {
  return state === OrderState.PAID || state === OrderState.RECORDED;
}

function facts({ buyerId, lines }: Purchase | Order): string {
  const sorted = lines
    .map(({ itemId, sellerId, quantity, unitPriceMinor, currency }) =>
      [itemId, sellerId, quantity, unitPriceMinor, currency].join(),
    )
    .sort();
  return [buyerId, ...sorted].join(';');
}
