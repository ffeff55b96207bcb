import { CodedError } from '@everopen/core';
import { CheckoutState, type Checkout, type RecordPurchaseRequest } from '@everopen/contract/customers';
import type { OpenCheckoutRow } from '../schema/open-checkouts-table.ts';
import { invalidArgument } from '../validation/invalid-argument.ts';
import { countBoughtItems } from './accounts.ts';
import { endCheckout, endedView, keyReused, requireEnded } from './checkouts.ts';
import { nextNumber } from './counters.ts';
import type { CustomersState } from './customers-state.ts';
import { linesDigest } from './lines-digest.ts';
import { countItemsSold } from './seller-ratings.ts';

/**
 * Step 5: the order is paid. Writes it into the history, counts it for its buyer and sellers, lets the buyer
 * rate its items, and ends the checkout. The cart is not touched: its lines left with step 1.
 */
export function recordPurchase(
  state: CustomersState,
  request: RecordPurchaseRequest,
  nowMs: number,
): Checkout {
  const digest = linesDigest(request.lines);
  const lines = request.lines.map(({ itemId, quantity, unitPriceMinor, currency }) => ({
    itemId,
    quantity,
    unitPriceMinor,
    currency,
  }));
  const open = state.openCheckouts.get(request.checkoutKey);
  if (open === undefined) {
    const ended = requireEnded(state, request.checkoutKey, nowMs);
    if (ended.state === CheckoutState.ABORTED) {
      throw new CodedError('OrderAborted', 'This checkout was called off: its lines are back in the cart');
    }
    if (ended.order_id !== request.orderId || ended.lines_digest !== digest) throw keyReused();
    return endedView(ended, lines);
  }
  if (open.lines_digest !== digest) throw invalidArgument('lines', "are not the checkout's lines");
  writeHistory(state, request, open, nowMs);
  countUnits(state, request, open.buyer_id);
  allowFeedback(state, request, open.buyer_id);
  return endedView(endCheckout(state, open, CheckoutState.RECORDED, request.orderId, nowMs), lines);
}

function writeHistory(
  state: CustomersState,
  request: RecordPurchaseRequest,
  checkout: OpenCheckoutRow,
  nowMs: number,
): void {
  const purchaseNumber = nextNumber(state, 'purchase');
  state.purchases.insert({
    purchase_number: purchaseNumber,
    order_id: request.orderId,
    checkout_key: checkout.checkout_key,
    buyer_id: checkout.buyer_id,
    begun_at_ms: checkout.begun_at_ms,
    recorded_at_ms: nowMs,
    payment_reference: request.paymentReference,
  });
  for (const [index, line] of request.lines.entries()) {
    state.purchaseLines.insert({
      purchase_number: purchaseNumber,
      line_number: index + 1,
      item_id: line.itemId,
      seller_id: line.sellerId,
      name: line.name,
      quantity: line.quantity,
      unit_price_minor: line.unitPriceMinor,
      currency: line.currency,
    });
  }
}

function countUnits(state: CustomersState, { lines }: RecordPurchaseRequest, buyerId: number): void {
  const sold = new Map<number, number>();
  let bought = 0;
  for (const { sellerId, quantity } of lines) {
    sold.set(sellerId, (sold.get(sellerId) ?? 0) + quantity);
    bought += quantity;
  }
  for (const [sellerId, units] of sold) countItemsSold(state, sellerId, units);
  countBoughtItems(state, buyerId, bought);
}

function allowFeedback(state: CustomersState, { lines }: RecordPurchaseRequest, buyerId: number): void {
  for (const { itemId, sellerId } of lines) {
    if (state.boughtItems.get(buyerId, itemId) !== undefined) continue;
    state.boughtItems.put({ buyer_id: buyerId, item_id: itemId, seller_id: sellerId, thumbs_up: null });
  }
}
