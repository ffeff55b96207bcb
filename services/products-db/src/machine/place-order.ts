import { Order, OrderState, type OrderLine, type PlaceOrderRequest } from '@everopen/contract/products';
import { CodedError } from '@everopen/core';
import type { ApplyContext } from '@everopen/replica';
import type { ItemRow } from '../schema/items.ts';
import type { OrderRow } from '../schema/orders.ts';
import { checkPlaceOrder } from '../validation/order.ts';
import { changeItem } from './change-item.ts';
import { knownItem } from './listings.ts';
import { orderMessage } from './messages.ts';
import { checkKeyAge } from './order-keys.ts';
import { readLines, writeLines } from './order-lines.ts';
import { nextId, type ProductsState } from './products-state.ts';
import { reserve } from './reservations.ts';
import { retireOrders } from './retire-orders.ts';

/**
 * Step 2 of a purchase: reserves every line at the expected price, or none (M14, M16). The key names the
 * order for ever: the same key with the same lines is answered with the same order, as it is by now.
 */
export function placeOrder(
  state: ProductsState,
  request: PlaceOrderRequest,
  context: ApplyContext,
): Uint8Array {
  const { orderKey, buyerId, lines } = checkPlaceOrder(request);
  checkKeyAge(orderKey, context.nowMs);
  const [placed] = state.ordersByKey.get(orderKey);
  if (placed !== undefined) {
    if (!isSameRequest(placed, buyerId, lines)) {
      throw new CodedError('KeyReused', 'This key placed another order');
    }
    return Order.encode(orderMessage(placed)).finish();
  }
  if (state.tombstonesByKey.count(orderKey) > 0) {
    throw new CodedError('OrderAborted', 'This order was called off before it was placed');
  }
  const currency = onlyCurrency(lines);
  const items = lines.map(({ itemId }) => knownItem(state, itemId));
  checkPrices(lines, items);
  checkStock(lines, items);
  reserve(state, buyerId, unitsOf(lines));
  const order: OrderRow = {
    order_id: nextId(state, 'orders'),
    order_key: orderKey,
    buyer_id: buyerId,
    state: OrderState.RESERVED,
    lines: writeLines(
      lines.map(({ itemId, quantity, unitPriceMinor }, i) => {
        const { seller_id: sellerId, name } = items[i] as ItemRow;
        return { itemId, quantity, unitPriceMinor, sellerId, name };
      }),
    ),
    total_minor: lines.reduce((sum, line) => sum + line.quantity * line.unitPriceMinor, 0),
    currency,
    placed_at_ms: context.nowMs,
    payment_reference: null,
    cancel_reason: null,
    cancel_details: null,
  };
  lines.forEach(({ quantity }, i) => {
    const item = items[i] as ItemRow;
    changeItem(state, item, {
      ...item,
      available: item.available - quantity,
      reserved: item.reserved + quantity,
    });
  });
  state.orders.put(order);
  retireOrders(state, context.nowMs);
  return Order.encode(orderMessage(order)).finish();
}

/** The order of the lines does not matter: no item is in two of them. */
function isSameRequest(placed: OrderRow, buyerId: number, lines: readonly OrderLine[]): boolean {
  const known = new Map(readLines(placed).map((line) => [line.itemId, line]));
  return (
    placed.buyer_id === buyerId &&
    known.size === lines.length &&
    lines.every(
      ({ itemId, quantity, unitPriceMinor, currency }) =>
        currency === placed.currency &&
        known.get(itemId)?.quantity === quantity &&
        known.get(itemId)?.unitPriceMinor === unitPriceMinor,
    )
  );
}

function onlyCurrency(lines: readonly OrderLine[]): string {
  const currencies = [...new Set(lines.map((line) => line.currency))];
  if (currencies.length > 1) {
    throw new CodedError('MixedCurrencies', `One order cannot mix ${currencies.join(', ')}`, {
      details: { currencies },
    });
  }
  return currencies[0] as string;
}

/** Every line at fault is named, so that the buyer is told once. Short names: up to 80 lines in a header. */
function checkPrices(lines: readonly OrderLine[], items: readonly ItemRow[]): void {
  const changed = lines.flatMap((line, i) => {
    const item = items[i] as ItemRow;
    if (item.price_minor === line.unitPriceMinor && item.currency === line.currency) return [];
    const currencies =
      item.currency === line.currency ? {} : { expectedCurrency: line.currency, currency: item.currency };
    return [
      {
        itemId: line.itemId,
        expectedMinor: line.unitPriceMinor,
        priceMinor: item.price_minor,
        ...currencies,
      },
    ];
  });
  if (changed.length === 0) return;
  const ids = changed.map(({ itemId }) => itemId).join(', ');
  throw new CodedError('PriceChanged', `The price changed since you saw it: item ${ids}`, {
    details: { lines: changed },
  });
}

function checkStock(lines: readonly OrderLine[], items: readonly ItemRow[]): void {
  const short = lines.flatMap((line, i) => {
    const { available } = items[i] as ItemRow;
    return line.quantity <= available ? [] : [{ itemId: line.itemId, requested: line.quantity, available }];
  });
  if (short.length === 0) return;
  const ids = short.map(({ itemId, available }) => `${available} of item ${itemId}`).join(', ');
  throw new CodedError('OutOfStock', `Only this is left: ${ids}`, { details: { lines: short } });
}

function unitsOf(lines: readonly OrderLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}
