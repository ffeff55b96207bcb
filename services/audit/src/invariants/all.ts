import type { Invariant } from '../books.ts';
import { digestsInvariant } from './digests.ts';
import { finishedInvariant } from './finished.ts';
import { historyInvariant } from './history.ts';
import { moneyInvariant } from './money.ts';
import { ordersInvariant } from './orders.ts';
import { stockInvariant } from './stock.ts';

/** The shop's invariants, in the order in which they are reported. */
export const INVARIANTS: readonly Invariant[] = [
  stockInvariant,
  ordersInvariant,
  moneyInvariant,
  historyInvariant,
  finishedInvariant,
  digestsInvariant,
];
