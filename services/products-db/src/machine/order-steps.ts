import {
  Order,
  OrderState,
  type AbortOrderRequest,
  type CancelOrderRequest,
  type ConfirmOrderRequest,
  type OrderKeyRequest,
} from '@everopen/contract/products';
import { CodedError } from '@everopen/core';
import type { ApplyContext } from '@everopen/replica';
import type { ItemRow } from '../schema/items.ts';
import type { OrderRow } from '../schema/orders.ts';
import {
  checkAbortOrder,
  checkCancelOrder,
  checkConfirmOrder,
  checkOrderKeyRequest,
} from '../validation/order.ts';
import { changeItem } from './change-item.ts';
import { knownItem } from './listings.ts';
import { orderMessage, tombstoneMessage } from './messages.ts';
import { checkKeyAge, isExpired } from './order-keys.ts';
import { readLines, type PlacedLine } from './order-lines.ts';
import { nextId, type ProductsState } from './products-state.ts';
import { holdDetails } from './refusal-details.ts';
import { release } from './reservations.ts';
import { keepFinished, retireTombstones } from './retire-orders.ts';
import { countSales } from './sales.ts';

/*
 * Step 4 of a purchase and what follows it:
 *
 *     reserved ──confirm──▶ paid ──mark recorded──▶ recorded
 *         └─────cancel────▶ cancelled
 *
 * Each step may be repeated by any server at any time: one that was taken already answers with the order.
 * A step that the state forbids is refused, and changes nothing:
 *
 *     confirm a cancelled order or a tombstone        OrderAborted
 *     confirm a paid order by another payment         KeyReused
 *     cancel a paid or recorded order                 WrongOrderState
 *     mark a reserved or cancelled order recorded     WrongOrderState
 *     anything but abort for an unknown key           NotFound
 */

/** The payment is charged: reserved units are sold, and the sellers' counters grow. */
export function confirmOrder(state: ProductsState, request: ConfirmOrderRequest): Uint8Array {
  const { orderKey, paymentReference } = checkConfirmOrder(request);
  const order = findOrder(state, orderKey);
  if (order === undefined) {
    if (state.tombstonesByKey.count(orderKey) > 0) throw aborted();
    throw unknownOrder(orderKey);
  }
  const repeated = repeatedStep(order, { kind: 'confirm', paymentReference });
  if (repeated !== undefined) return answer(repeated);
  const lines = readLines(order);
  for (const line of lines) {
    changeLine(state, line, (item) => ({
      ...item,
      reserved: item.reserved - line.quantity,
      sold: item.sold + line.quantity,
    }));
  }
  release(state, order.buyer_id, unitsOf(lines));
  countSales(state, order, lines);
  const paid = { ...order, state: OrderState.PAID, payment_reference: paymentReference };
  state.orders.put(paid);
  return answer(paid);
}

/** Nothing will ever be charged: reserved units are for sale again. The first reason given stays (M17). */
export function cancelOrder(
  state: ProductsState,
  request: CancelOrderRequest,
  context: ApplyContext,
): Uint8Array {
  const { orderKey, reason, reasonDetails } = checkCancelOrder(request);
  const order = findOrder(state, orderKey);
  if (order === undefined) {
    if (state.tombstonesByKey.count(orderKey) > 0) return answerTombstone(state, orderKey);
    throw unknownOrder(orderKey);
  }
  const repeated = repeatedStep(order, { kind: 'cancel' });
  if (repeated !== undefined) return answer(repeated);
  const lines = readLines(order);
  for (const line of lines) {
    changeLine(state, line, (item) => ({
      ...item,
      reserved: item.reserved - line.quantity,
      available: item.available + line.quantity,
    }));
  }
  release(state, order.buyer_id, unitsOf(lines));
  const cancelled = {
    ...order,
    state: OrderState.CANCELLED,
    cancel_reason: reason,
    cancel_details: holdDetails(state, reasonDetails),
  };
  keepFinished(state, cancelled, context.nowMs);
  return answer(cancelled);
}

/**
 * Makes sure that no order will come of this key, unless there is one already: then that is the answer, as
 * it is. The first reason given stays (M17). An expired key is refused anyway, and needs no tombstone.
 */
export function abortOrder(
  state: ProductsState,
  request: AbortOrderRequest,
  context: ApplyContext,
): Uint8Array {
  const { orderKey, reason, reasonDetails } = checkAbortOrder(request);
  const order = findOrder(state, orderKey);
  if (order !== undefined) return answer(order);
  if (state.tombstonesByKey.count(orderKey) === 0 && !isExpired(orderKey, context.nowMs)) {
    checkKeyAge(orderKey, context.nowMs);
    state.tombstones.put({
      tombstone_id: nextId(state, 'tombstones'),
      order_key: orderKey,
      reason: reason === '' ? null : reason,
      reason_details: holdDetails(state, reasonDetails),
    });
    retireTombstones(state, context.nowMs);
  }
  return answerTombstone(state, orderKey);
}

/** The purchase is in the buyer's history: nothing is left to do for this order. */
export function markOrderRecorded(
  state: ProductsState,
  request: OrderKeyRequest,
  context: ApplyContext,
): Uint8Array {
  const { orderKey } = checkOrderKeyRequest(request);
  const order = findOrder(state, orderKey);
  if (order === undefined) {
    if (state.tombstonesByKey.count(orderKey) > 0) throw wrongState('cancelled', 'recorded');
    throw unknownOrder(orderKey);
  }
  const repeated = repeatedStep(order, { kind: 'record' });
  if (repeated !== undefined) return answer(repeated);
  const recorded = { ...order, state: OrderState.RECORDED };
  keepFinished(state, recorded, context.nowMs);
  return answer(recorded);
}

export type Step =
  | { readonly kind: 'confirm'; readonly paymentReference: string }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'record' };

/**
 * The order, if the step was taken already; undefined if it is to be taken now; throws if the order's state
 * forbids it. Archived orders are answered by this too: they are finished, so it is never undefined then.
 */
export function repeatedStep(order: OrderRow, step: Step): OrderRow | undefined {
  const isPaid = order.state === OrderState.PAID || order.state === OrderState.RECORDED;
  switch (step.kind) {
    case 'confirm':
      if (order.state === OrderState.RESERVED) return undefined;
      if (!isPaid) throw aborted();
      if (order.payment_reference === step.paymentReference) return order;
      throw new CodedError('KeyReused', 'The order is paid already, by another payment');
    case 'cancel':
      if (order.state === OrderState.RESERVED) return undefined;
      if (isPaid) throw wrongState('paid', 'cancelled');
      return order;
    case 'record':
      if (order.state === OrderState.PAID) return undefined;
      if (order.state === OrderState.RECORDED) return order;
      throw wrongState(order.state === OrderState.RESERVED ? 'reserved' : 'cancelled', 'recorded');
  }
}

export function unknownOrder(orderKey: string): CodedError {
  return new CodedError('NotFound', 'There is no order with this key', { details: { orderKey } });
}

function findOrder(state: ProductsState, orderKey: string): OrderRow | undefined {
  return state.ordersByKey.get(orderKey)[0];
}

function changeLine(state: ProductsState, line: PlacedLine, change: (item: ItemRow) => ItemRow): void {
  const item = knownItem(state, line.itemId);
  changeItem(state, item, change(item));
}

function unitsOf(lines: readonly PlacedLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

function answer(order: OrderRow): Uint8Array {
  return Order.encode(orderMessage(order)).finish();
}

function answerTombstone(state: ProductsState, orderKey: string): Uint8Array {
  return Order.encode(tombstoneMessage(orderKey, state.tombstonesByKey.get(orderKey)[0])).finish();
}

function aborted(): CodedError {
  return new CodedError('OrderAborted', 'This order was called off; it cannot be paid');
}

function wrongState(state: string, step: string): CodedError {
  return new CodedError('WrongOrderState', `A ${state} order cannot be ${step}`, { details: { state } });
}
