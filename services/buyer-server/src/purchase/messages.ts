import { CheckoutState, type Checkout as CheckoutMessage } from '@everopen/contract/customers';
import {
  OrderState,
  type Order as OrderMessage,
  type OrderLine as OrderLineMessage,
} from '@everopen/contract/products';
import { CodedError } from '@everopen/core';
import type { Checkout, ExpectedLine, Order, OrderLine } from './purchase-types.ts';

const CHECKOUT_STATES: ReadonlyMap<number, Checkout['state']> = new Map([
  [CheckoutState.OPEN, 'open'],
  [CheckoutState.ABORTED, 'aborted'],
  [CheckoutState.RECORDED, 'recorded'],
]);

const ORDER_STATES: ReadonlyMap<number, Order['state']> = new Map([
  [OrderState.RESERVED, 'reserved'],
  [OrderState.PAID, 'paid'],
  [OrderState.RECORDED, 'recorded'],
  [OrderState.CANCELLED, 'cancelled'],
]);

/** A checkout as the flow sees it. A state that this version does not know decides nothing: `Unknown`. */
export function fromCheckoutMessage(message: CheckoutMessage): Checkout {
  const { checkoutKey, buyerId, lines, begunAtUnixMs } = message;
  return { checkoutKey, buyerId, state: known(CHECKOUT_STATES, message.state), lines, begunAtUnixMs };
}

/** An order as the flow sees it. A state that this version does not know decides nothing: `Unknown`. */
export function fromOrderMessage(message: OrderMessage): Order {
  return { ...message, state: known(ORDER_STATES, message.state) };
}

/** Lines for a request. What the products database fills in by itself is empty before it did. */
export function toOrderLineMessages(lines: readonly (ExpectedLine | OrderLine)[]): OrderLineMessage[] {
  return lines.map((line) => ({ sellerId: 0, name: '', ...line }));
}

function known<State>(states: ReadonlyMap<number, State>, state: number): State {
  const name = states.get(state);
  if (name !== undefined) return name;
  throw new CodedError(
    'Unknown',
    `A database answered with a state that this version does not know: ${state}`,
  );
}
