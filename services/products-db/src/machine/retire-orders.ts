import { OrderState } from '@everopen/contract/products';
import type { OrderRow } from '../schema/orders.ts';
import { isExpired } from './order-keys.ts';
import { counter, setCounter, type ProductsState } from './products-state.ts';
import { releaseDetails } from './refusal-details.ts';

/** Each command that adds one row looks at this many old ones, so memory shrinks faster than it grows. */
const RETIRE_PER_COMMAND = 4;

/**
 * Lets memory forget what a day of log time has made unnecessary: finished orders move to the archive, and
 * tombstones go, since their keys are refused as expired from now on. Walks the ids in order; an order that
 * is still open when the walk passes it is archived by whatever finishes it (`keepFinished`).
 */
export function retireOrders(state: ProductsState, nowMs: number): void {
  walk(state, 'orders_retired', 'orders', (id) => {
    const order = state.orders.get(id);
    if (order === undefined) return true;
    if (!isExpired(order.order_key, nowMs)) return false;
    if (isFinished(order)) archive(state, order);
    return true;
  });
}

export function retireTombstones(state: ProductsState, nowMs: number): void {
  walk(state, 'tombstones_retired', 'tombstones', (id) => {
    const tombstone = state.tombstones.get(id);
    if (tombstone === undefined) return true;
    if (!isExpired(tombstone.order_key, nowMs)) return false;
    state.tombstones.delete(id);
    releaseDetails(state, tombstone.reason_details);
    return true;
  });
}

/** Stores an order that has just been finished: in memory, or in the archive if its key has expired. */
export function keepFinished(state: ProductsState, order: OrderRow, nowMs: number): void {
  if (isExpired(order.order_key, nowMs)) archive(state, order);
  else state.orders.put(order);
}

function walk(
  state: ProductsState,
  done: 'orders_retired' | 'tombstones_retired',
  last: 'orders' | 'tombstones',
  retire: (id: number) => boolean,
): void {
  const before = counter(state, done);
  const end = Math.min(before + RETIRE_PER_COMMAND, counter(state, last));
  let at = before;
  while (at < end && retire(at + 1)) at++;
  if (at > before) setCounter(state, done, at);
}

function archive(state: ProductsState, order: OrderRow): void {
  state.orders.delete(order.order_id);
  state.archivedOrders.insert(order);
  releaseDetails(state, order.cancel_details);
}

function isFinished(order: OrderRow): boolean {
  return order.state === OrderState.RECORDED || order.state === OrderState.CANCELLED;
}
