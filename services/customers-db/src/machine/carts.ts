import { CodedError } from '@everopen/core';
import { LIMITS } from '@everopen/contract';
import { Role, type Cart, type ChangeCartRequest, type SessionRequest } from '@everopen/contract/customers';
import type { CartLineRow } from '../schema/cart-lines-table.ts';
import type { CustomersState } from './customers-state.ts';
import { quotaExceeded } from './refusals.ts';
import { requireSession, useSession } from './sessions.ts';

/** Adds up with what is in the cart; more than `available` in all is `OutOfStock`. */
export function addToCart(state: CustomersState, request: ChangeCartRequest, nowMs: number): Cart {
  const buyerId = useSession(state, request.sessionKey, Role.BUYER, nowMs).account_id;
  const inCart = state.cartLines.get(buyerId, request.itemId)?.quantity ?? 0;
  setLine(state, buyerId, request, inCart, inCart + request.quantity);
  return cartOf(state, buyerId);
}

/** Takes units out; the line goes with its last unit. More than there are is `NotInCart`. */
export function removeFromCart(state: CustomersState, request: ChangeCartRequest, nowMs: number): Cart {
  const buyerId = useSession(state, request.sessionKey, Role.BUYER, nowMs).account_id;
  const line = state.cartLines.get(buyerId, request.itemId);
  const inCart = line?.quantity ?? 0;
  if (line === undefined || inCart < request.quantity) {
    throw new CodedError(
      'NotInCart',
      inCart === 0 ? 'It is not in the cart' : `Only ${inCart} are in the cart`,
      {
        details: { field: 'quantity', inCart },
      },
    );
  }
  if (inCart === request.quantity) state.cartLines.delete(buyerId, request.itemId);
  else state.cartLines.put({ ...line, quantity: inCart - request.quantity });
  return cartOf(state, buyerId);
}

/** Makes the line hold exactly so many units; 0 removes it, whether or not it was there. */
export function setCartLine(state: CustomersState, request: ChangeCartRequest, nowMs: number): Cart {
  const buyerId = useSession(state, request.sessionKey, Role.BUYER, nowMs).account_id;
  const inCart = state.cartLines.get(buyerId, request.itemId)?.quantity ?? 0;
  if (request.quantity === 0) state.cartLines.delete(buyerId, request.itemId);
  else setLine(state, buyerId, request, inCart, request.quantity);
  return cartOf(state, buyerId);
}

export function clearCart(state: CustomersState, request: SessionRequest, nowMs: number): Cart {
  const buyerId = useSession(state, request.sessionKey, Role.BUYER, nowMs).account_id;
  for (const line of state.linesOfCart.get(buyerId)) state.cartLines.delete(buyerId, line.item_id);
  return { lines: [] };
}

export function getCart(state: CustomersState, request: SessionRequest, nowMs: number): Cart {
  return cartOf(state, requireSession(state, request.sessionKey, Role.BUYER, nowMs).account_id);
}

/** Lines in the order in which their items were first added. */
export function cartOf(state: CustomersState, buyerId: number): Cart {
  const lines = [...state.linesOfCart.get(buyerId)].sort((a, b) => a.line_number - b.line_number);
  return { lines: lines.map((line) => ({ itemId: line.item_id, quantity: line.quantity })) };
}

/**
 * Puts units back that a checkout had taken. What the cart got meanwhile stays; what would go over a limit
 * of the cart is dropped, because an abort must never be refused.
 */
export function giveBack(state: CustomersState, buyerId: number, itemId: number, quantity: number): void {
  const line = state.cartLines.get(buyerId, itemId);
  if (line === undefined && state.linesOfCart.count(buyerId) >= LIMITS.cartLines) return;
  putLine(state, buyerId, itemId, Math.min(LIMITS.unitsPerCartLine, (line?.quantity ?? 0) + quantity));
}

function setLine(
  state: CustomersState,
  buyerId: number,
  { itemId, available }: ChangeCartRequest,
  inCart: number,
  quantity: number,
): void {
  if (quantity > available) {
    throw new CodedError('OutOfStock', available === 0 ? 'None is left' : `Only ${available} are left`, {
      details: { field: 'quantity', available, inCart },
    });
  }
  if (quantity > LIMITS.unitsPerCartLine) {
    throw quotaExceeded(
      'unitsPerCartLine',
      `A cart holds at most ${LIMITS.unitsPerCartLine} units of an item`,
    );
  }
  if (inCart === 0 && state.linesOfCart.count(buyerId) >= LIMITS.cartLines) {
    throw quotaExceeded('cartLines', `A cart holds at most ${LIMITS.cartLines} different items`);
  }
  putLine(state, buyerId, itemId, quantity);
}

function putLine(state: CustomersState, buyerId: number, itemId: number, quantity: number): void {
  const lineNumber = state.cartLines.get(buyerId, itemId)?.line_number ?? nextLineNumber(state, buyerId);
  const line: CartLineRow = { buyer_id: buyerId, item_id: itemId, quantity, line_number: lineNumber };
  state.cartLines.put(line);
}

function nextLineNumber(state: CustomersState, buyerId: number): number {
  let last = 0;
  for (const line of state.linesOfCart.get(buyerId)) last = Math.max(last, line.line_number);
  return last + 1;
}
