import { CodedError, parseUuid, uuidV7UnixMs } from '@everopen/core';
import { LIMITS } from '@everopen/contract';
import {
  CheckoutState,
  Role,
  type BeginCheckoutRequest,
  type Checkout,
  type CheckoutKeyRequest,
  type ExpectedLine,
} from '@everopen/contract/customers';
import type { EndedCheckoutRow } from '../schema/ended-checkouts-table.ts';
import type { OpenCheckoutRow } from '../schema/open-checkouts-table.ts';
import { invalidArgument } from '../validation/invalid-argument.ts';
import { cartOf, giveBack } from './carts.ts';
import { nextNumber } from './counters.ts';
import type { CustomersState } from './customers-state.ts';
import { linesDigest } from './lines-digest.ts';
import {
  CHECKOUT_KEY_AHEAD_MAX_MS,
  CHECKOUT_KEY_LIFETIME_MS,
  ENDED_CHECKOUT_GRACE_MS,
  ENDED_CHECKOUTS_MAX,
  OPEN_CHECKOUTS_MAX,
} from './machine-limits.ts';
import { notFound, overloaded, quotaExceeded } from './refusals.ts';
import { useSession } from './sessions.ts';

/*
 * A checkout is one purchase under way (docs: the way of one purchase). Its key names it for ever:
 *
 *     unknown ──begin──▶ open ──abort──▶ aborted    lines back in the cart
 *                          └───record──▶ recorded   lines in the history
 *
 * Each arrow happens once. Repeated steps find the checkout where it is and answer that. An ended checkout
 * is remembered until its key is 24 hours old; from then on the key is refused as `KeyExpired` instead,
 * never begun again. The lines of an ended checkout are not held in memory: answers repeat those of the
 * request, whose digest shows that they are the same; the history has them for ever.
 */

/** Step 1: moves the cart's lines into a checkout, so that no second key can pay for the same lines. */
export function beginCheckout(state: CustomersState, request: BeginCheckoutRequest, nowMs: number): Checkout {
  const buyerId = useSession(state, request.sessionKey, Role.BUYER, nowMs).account_id;
  const key = request.checkoutKey;
  const digest = linesDigest(request.lines);

  const open = state.openCheckouts.get(key);
  const known = open ?? state.endedCheckouts.get(key);
  if (known !== undefined) {
    if (known.buyer_id !== buyerId || known.lines_digest !== digest) throw keyReused();
    return open === undefined ? endedView(known as EndedCheckoutRow, request.lines) : openView(state, open);
  }
  checkKeyAge(key, nowMs);
  checkCart(state, buyerId, request.lines);
  checkRoom(state, buyerId);

  const checkout: OpenCheckoutRow = {
    checkout_key: key,
    buyer_id: buyerId,
    begun_at_ms: nowMs,
    lines_digest: digest,
  };
  state.openCheckouts.put(checkout);
  for (const [index, line] of request.lines.entries()) {
    state.cartLines.delete(buyerId, line.itemId);
    state.checkoutLines.put({
      checkout_key: key,
      line_number: index + 1,
      item_id: line.itemId,
      quantity: line.quantity,
      unit_price_minor: line.unitPriceMinor,
      currency: line.currency,
    });
  }
  return openView(state, checkout);
}

/**
 * Gives the lines back. The caller has made sure that no order was or will be paid under this key. A
 * checkout that has ended stays as it is, and the answer says which way it went.
 */
export function abortCheckout(state: CustomersState, request: CheckoutKeyRequest, nowMs: number): Checkout {
  const open = state.openCheckouts.get(request.checkoutKey);
  if (open === undefined) return endedView(requireEnded(state, request.checkoutKey, nowMs), []);
  for (const line of state.linesOfCheckout.get(open.checkout_key)) {
    giveBack(state, open.buyer_id, line.item_id, line.quantity);
  }
  return endedView(endCheckout(state, open, CheckoutState.ABORTED, 0, nowMs), []);
}

/** Takes a checkout out of the open ones and remembers how it ended. */
export function endCheckout(
  state: CustomersState,
  open: OpenCheckoutRow,
  endState: CheckoutState,
  orderId: number,
  nowMs: number,
): EndedCheckoutRow {
  for (const line of state.linesOfCheckout.get(open.checkout_key)) {
    state.checkoutLines.delete(line.checkout_key, line.line_number);
  }
  state.openCheckouts.delete(open.checkout_key);
  const ended: EndedCheckoutRow = {
    checkout_key: open.checkout_key,
    buyer_id: open.buyer_id,
    state: endState,
    begun_at_ms: open.begun_at_ms,
    order_id: orderId,
    lines_digest: open.lines_digest,
    ended_number: nextNumber(state, 'endedCheckout'),
    forget_at_ms: Math.max(
      keyUnixMs(open.checkout_key) + CHECKOUT_KEY_LIFETIME_MS,
      nowMs + ENDED_CHECKOUT_GRACE_MS,
    ),
  };
  state.endedCheckouts.put(ended);
  return ended;
}

/** The remembered end of a checkout that is not open; `KeyExpired` if it may have been forgotten. */
export function requireEnded(state: CustomersState, key: string, nowMs: number): EndedCheckoutRow {
  const ended = state.endedCheckouts.get(key);
  if (ended !== undefined) return ended;
  if (isExpired(key, nowMs)) throw keyExpired();
  throw notFound('checkout_key', 'checkout');
}

/** Open checkouts begun before a time (0: all), the longest open first. */
export function listOpenCheckouts(state: CustomersState, begunBeforeMs: number, limit: number): Checkout[] {
  const found: OpenCheckoutRow[] = [];
  for (const checkout of state.openCheckouts.values()) {
    if (begunBeforeMs === 0 || checkout.begun_at_ms < begunBeforeMs) found.push(checkout);
  }
  found.sort((a, b) => a.begun_at_ms - b.begun_at_ms || (a.checkout_key < b.checkout_key ? -1 : 1));
  return found.slice(0, limit).map((checkout) => openView(state, checkout));
}

/** The buyer's open checkouts, newest first: at most `openOrdersPerBuyer`. */
export function openCheckoutsOf(state: CustomersState, buyerId: number): Checkout[] {
  return [...state.checkoutsOfBuyer.get(buyerId)]
    .sort((a, b) => b.begun_at_ms - a.begun_at_ms || (a.checkout_key < b.checkout_key ? 1 : -1))
    .map((checkout) => openView(state, checkout));
}

export function openView(state: CustomersState, checkout: OpenCheckoutRow): Checkout {
  return {
    checkoutKey: checkout.checkout_key,
    buyerId: checkout.buyer_id,
    state: CheckoutState.OPEN,
    lines: state.linesOfCheckout.get(checkout.checkout_key).map((line) => ({
      itemId: line.item_id,
      quantity: line.quantity,
      unitPriceMinor: line.unit_price_minor,
      currency: line.currency,
    })),
    begunAtUnixMs: checkout.begun_at_ms,
    orderId: 0,
  };
}

/** `lines` are the caller's own, once their digest has been compared; an aborted checkout has none. */
export function endedView(checkout: EndedCheckoutRow, lines: readonly ExpectedLine[]): Checkout {
  return {
    checkoutKey: checkout.checkout_key,
    buyerId: checkout.buyer_id,
    state: checkout.state as CheckoutState,
    lines: [...lines],
    begunAtUnixMs: checkout.begun_at_ms,
    orderId: checkout.order_id,
  };
}

export function keyReused(): CodedError {
  return new CodedError('KeyReused', 'This checkout key belongs to another purchase', {
    details: { field: 'checkout_key' },
  });
}

function checkKeyAge(key: string, nowMs: number): void {
  if (isExpired(key, nowMs)) throw keyExpired();
  if (keyUnixMs(key) > nowMs + CHECKOUT_KEY_AHEAD_MAX_MS) {
    throw invalidArgument('checkout_key', 'carries a time that is far in the future');
  }
}

function checkCart(state: CustomersState, buyerId: number, lines: readonly ExpectedLine[]): void {
  const inCart = state.linesOfCart.count(buyerId);
  if (inCart === 0) throw new CodedError('CartEmpty', 'There is nothing in the cart');
  const same =
    lines.length === inCart &&
    lines.every((line) => state.cartLines.get(buyerId, line.itemId)?.quantity === line.quantity);
  if (!same) {
    throw new CodedError('CartChanged', 'The cart does not hold these lines', {
      details: { field: 'lines', cart: cartOf(state, buyerId).lines },
    });
  }
  const currencies = [...new Set(lines.map((line) => line.currency))];
  if (currencies.length > 1) {
    throw new CodedError('MixedCurrencies', `One order cannot mix ${currencies.join(' and ')}`, {
      details: { field: 'lines', currencies },
    });
  }
}

function checkRoom(state: CustomersState, buyerId: number): void {
  if (state.checkoutsOfBuyer.count(buyerId) >= LIMITS.openOrdersPerBuyer) {
    throw quotaExceeded(
      'openOrdersPerBuyer',
      `At most ${LIMITS.openOrdersPerBuyer} purchases can be under way: wait until one has ended`,
    );
  }
  if (state.openCheckouts.size >= OPEN_CHECKOUTS_MAX) {
    throw overloaded('openCheckouts', OPEN_CHECKOUTS_MAX, 'Too many purchases are under way');
  }
  // Every open checkout will need its place among the ended ones: ending one is never refused.
  if (state.endedCheckouts.size + state.openCheckouts.size >= ENDED_CHECKOUTS_MAX) {
    throw overloaded('endedCheckouts', ENDED_CHECKOUTS_MAX, 'Too many purchases were made within 24 hours');
  }
}

function isExpired(key: string, nowMs: number): boolean {
  return nowMs >= keyUnixMs(key) + CHECKOUT_KEY_LIFETIME_MS;
}

function keyExpired(): CodedError {
  return new CodedError('KeyExpired', 'This checkout key is older than 24 hours', {
    details: { field: 'checkout_key' },
  });
}

function keyUnixMs(key: string): number {
  return uuidV7UnixMs(parseUuid(key));
}
