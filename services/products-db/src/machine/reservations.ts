import { LIMITS } from '@everopen/contract';
import { CodedError } from '@everopen/core';
import type { ProductsState } from './products-state.ts';

/** Notes an unpaid order of this buyer; refuses one more than an account may hold. */
export function reserve(state: ProductsState, buyerId: number, units: number): void {
  const held = state.reservations.get(buyerId);
  const openOrders = (held?.open_orders ?? 0) + 1;
  const reservedUnits = (held?.reserved_units ?? 0) + units;
  if (openOrders > LIMITS.openOrdersPerBuyer) {
    throw quota('openOrdersPerBuyer', LIMITS.openOrdersPerBuyer, 'unpaid orders');
  }
  if (reservedUnits > LIMITS.reservedUnitsPerBuyer) {
    throw quota('reservedUnitsPerBuyer', LIMITS.reservedUnitsPerBuyer, 'units in unpaid orders');
  }
  state.reservations.put({ buyer_id: buyerId, open_orders: openOrders, reserved_units: reservedUnits });
}

/** The order is paid or cancelled: it no longer counts. */
export function release(state: ProductsState, buyerId: number, units: number): void {
  const held = state.reservations.get(buyerId);
  if (held === undefined) throw new Error(`Buyer ${buyerId} holds no reservation to release`);
  if (held.open_orders === 1) {
    if (held.reserved_units !== units) throw new Error(`Buyer ${buyerId}: reserved units do not add up`);
    state.reservations.delete(buyerId);
    return;
  }
  state.reservations.put({
    buyer_id: buyerId,
    open_orders: held.open_orders - 1,
    reserved_units: held.reserved_units - units,
  });
}

function quota(limit: string, max: number, what: string): CodedError {
  return new CodedError('QuotaExceeded', `An account may hold at most ${max} ${what}`, {
    details: { limit, max },
  });
}
