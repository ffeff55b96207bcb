import type { Purchase, PurchasedLine } from '@everopen/contract/rest';
import type { PurchaseView } from '../purchase/purchase-flow.ts';
import type { ExpectedLine, Order, OrderLine } from '../purchase/purchase-types.ts';

/** A purchase as its buyer sees it. */
export function purchaseView(view: PurchaseView): Purchase {
  if (view.status === 'paid') return paidPurchase(view.order);
  return {
    ...unplaced(view.checkoutKey, view.lines),
    state: view.status,
    code: view.status === 'refused' ? view.refusal.code : null,
  };
}

export function paidPurchase(order: Order): Purchase {
  return {
    state: 'paid',
    key: order.orderKey,
    link: linkOf(order.orderKey),
    orderId: order.orderId,
    lines: order.lines.map(lineOf),
    totalMinor: order.totalMinor,
    currency: order.currency,
    at: new Date(order.placedAtUnixMs).toISOString(),
    paymentReference: order.paymentReference,
    code: null,
  };
}

/** Everything but what became of it: what is known while there is no order, or none any more. */
export function unplaced(key: string, lines: readonly ExpectedLine[]): Omit<Purchase, 'state' | 'code'> {
  const views = lines.map(lineOf);
  return {
    key,
    link: linkOf(key),
    orderId: null,
    lines: views,
    totalMinor: views.reduce((sum, { lineTotalMinor }) => sum + lineTotalMinor, 0),
    currency: lines[0]?.currency ?? '',
    at: null,
    paymentReference: null,
  };
}

function linkOf(key: string): string {
  return `/v1/purchases/by-key/${key}`;
}

function lineOf(line: ExpectedLine | OrderLine): PurchasedLine {
  const { itemId, quantity, unitPriceMinor, currency } = line;
  return {
    itemId,
    sellerId: 'sellerId' in line && line.sellerId > 0 ? line.sellerId : null,
    name: 'name' in line && line.name !== '' ? line.name : null,
    quantity,
    unitPriceMinor,
    currency,
    lineTotalMinor: unitPriceMinor * quantity,
  };
}
