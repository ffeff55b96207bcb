import { formatMoney } from '@everopen/contract';
import { OrderState } from '@everopen/contract/products';
import type { Invariant, Violation } from '../books.ts';

const NAME = 'money';

/** The payment service's own ledger and the paid orders are the same list. */
export const moneyInvariant: Invariant = {
  name: NAME,
  statement:
    'Every charge belongs to exactly one paid order of the same key, amount and currency, and every paid order has its charge.',
  check: ({ orders, ledger }) => {
    const violations: Violation[] = [];
    const broken = (key: string, message: string): void => {
      violations.push({ invariant: NAME, subject: `key ${key}`, message });
    };
    const paid = new Map(
      orders
        .filter(({ state }) => state === OrderState.PAID || state === OrderState.RECORDED)
        .map((order) => [order.orderKey, order]),
    );
    const charged = new Set<string>();
    for (const { key, outcome, amountMinor, currency } of ledger) {
      if (outcome !== 'charged') continue;
      if (charged.has(key)) broken(key, `The key ${key} was charged twice`);
      charged.add(key);
      const order = paid.get(key);
      if (order === undefined) {
        broken(
          key,
          `${formatMoney(amountMinor, currency)} were charged for the key ${key}, which has no paid order`,
        );
      } else if (order.totalMinor !== amountMinor || order.currency !== currency) {
        broken(
          key,
          `Order ${order.orderId} is over ${formatMoney(order.totalMinor, order.currency)}, but ${formatMoney(amountMinor, currency)} were charged`,
        );
      }
    }
    for (const [key, order] of paid) {
      if (!charged.has(key)) broken(key, `Order ${order.orderId} is paid, but its key was never charged`);
    }
    return violations;
  },
};
