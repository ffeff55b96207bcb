import { CheckoutState, type Checkout, type Purchase } from '@everopen/contract/customers';
import type { RowOf } from '@everopen/replica';
import type { PurchasedLineRow } from '../schema/purchase-queries.ts';

/** A purchase with the number by which the history counts it. */
export interface NumberedPurchase {
  readonly purchaseNumber: number;
  readonly begunAtUnixMs: number;
  readonly purchase: Purchase;
}

/** Purchases from the rows of a query of the history, where the lines of each stand together. */
export function purchasesOfRows(rows: readonly RowOf[]): NumberedPurchase[] {
  const found: NumberedPurchase[] = [];
  for (const row of rows as readonly PurchasedLineRow[]) {
    let current = found.at(-1);
    if (current?.purchaseNumber !== row.purchase_number) {
      current = {
        purchaseNumber: row.purchase_number,
        begunAtUnixMs: row.begun_at_ms,
        purchase: {
          orderId: row.order_id,
          checkoutKey: row.checkout_key,
          buyerId: row.buyer_id,
          state: CheckoutState.RECORDED,
          lines: [],
          atUnixMs: row.recorded_at_ms,
          paymentReference: row.payment_reference,
        },
      };
      found.push(current);
    }
    current.purchase.lines.push({
      itemId: row.item_id,
      sellerId: row.seller_id,
      name: row.name,
      quantity: row.quantity,
      unitPriceMinor: row.unit_price_minor,
      currency: row.currency,
    });
  }
  return found;
}

/** A purchase under way, as the history shows it. */
export function purchaseOfOpenCheckout(checkout: Checkout): Purchase {
  return {
    orderId: 0,
    checkoutKey: checkout.checkoutKey,
    buyerId: checkout.buyerId,
    state: checkout.state,
    lines: checkout.lines.map((line) => ({ ...line, sellerId: 0, name: '' })),
    atUnixMs: checkout.begunAtUnixMs,
    paymentReference: '',
  };
}

/** The checkout that ended in this purchase. */
export function checkoutOfPurchase({ purchase, begunAtUnixMs }: NumberedPurchase): Checkout {
  return {
    checkoutKey: purchase.checkoutKey,
    buyerId: purchase.buyerId,
    state: CheckoutState.RECORDED,
    lines: purchase.lines.map(({ itemId, quantity, unitPriceMinor, currency }) => ({
      itemId,
      quantity,
      unitPriceMinor,
      currency,
    })),
    begunAtUnixMs,
    orderId: purchase.orderId,
  };
}
