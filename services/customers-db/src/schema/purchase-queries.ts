import type { RowOf, StoreQuery } from '@everopen/replica';
import type { PurchaseLineRow } from './purchase-lines-table.ts';
import type { PurchaseRow } from './purchases-table.ts';

/** A purchase with one of its lines: what the queries of the history answer, purchase by purchase. */
export type PurchasedLineRow = PurchaseRow & PurchaseLineRow;

const COLUMNS = `p.purchase_number, p.order_id, p.checkout_key, p.buyer_id, p.begun_at_ms,
       p.recorded_at_ms, p.payment_reference, l.line_number, l.item_id, l.seller_id, l.name, l.quantity,
       l.unit_price_minor, l.currency`;

/** A buyer's purchases before an order, newest first; the limit counts purchases, not lines. */
export const PURCHASES_OF_BUYER: StoreQuery<
  readonly [buyerId: number, beforeOrderId: number, limit: number]
> = {
  name: 'purchases-of-buyer',
  sql: `SELECT ${COLUMNS}
FROM (SELECT * FROM purchases
      WHERE buyer_id = ? AND order_id < ?
      ORDER BY order_id DESC, purchase_number DESC
      LIMIT ?) AS p
JOIN purchase_lines AS l ON l.purchase_number = p.purchase_number
ORDER BY p.order_id DESC, p.purchase_number DESC, l.line_number`,
  reference: (rows, [buyerId, beforeOrderId, limit]) =>
    withLines(
      rows,
      purchases(rows)
        .filter((purchase) => purchase.buyer_id === buyerId && purchase.order_id < beforeOrderId)
        .sort((a, b) => b.order_id - a.order_id || b.purchase_number - a.purchase_number)
        .slice(0, limit),
    ),
};

/** The purchase that a checkout ended in. */
export const PURCHASE_BY_KEY: StoreQuery<readonly [checkoutKey: string]> = {
  name: 'purchase-by-key',
  sql: `SELECT ${COLUMNS}
FROM purchases AS p
JOIN purchase_lines AS l ON l.purchase_number = p.purchase_number
WHERE p.checkout_key = ?
ORDER BY l.line_number`,
  reference: (rows, [checkoutKey]) =>
    withLines(
      rows,
      purchases(rows).filter((purchase) => purchase.checkout_key === checkoutKey),
    ),
};

/** Everybody's purchases after one, in the order of their order ids. */
export const PURCHASES_AFTER: StoreQuery<
  readonly [orderId: number, sameOrderId: number, purchaseNumber: number, limit: number]
> = {
  name: 'purchases-after',
  sql: `SELECT ${COLUMNS}
FROM (SELECT * FROM purchases
      WHERE order_id > ? OR (order_id = ? AND purchase_number > ?)
      ORDER BY order_id, purchase_number
      LIMIT ?) AS p
JOIN purchase_lines AS l ON l.purchase_number = p.purchase_number
ORDER BY p.order_id, p.purchase_number, l.line_number`,
  reference: (rows, [orderId, sameOrderId, purchaseNumber, limit]) =>
    withLines(
      rows,
      purchases(rows)
        .filter(
          (purchase) =>
            purchase.order_id > orderId ||
            (purchase.order_id === sameOrderId && purchase.purchase_number > purchaseNumber),
        )
        .sort((a, b) => a.order_id - b.order_id || a.purchase_number - b.purchase_number)
        .slice(0, limit),
    ),
};

type Rows = (table: string) => readonly RowOf[];

function purchases(rows: Rows): PurchaseRow[] {
  return [...(rows('purchases') as readonly PurchaseRow[])];
}

function withLines(rows: Rows, found: readonly PurchaseRow[]): PurchasedLineRow[] {
  const lines = new Map<number, PurchaseLineRow[]>();
  for (const line of rows('purchase_lines') as readonly PurchaseLineRow[]) {
    const known = lines.get(line.purchase_number);
    if (known === undefined) lines.set(line.purchase_number, [line]);
    else known.push(line);
  }
  return found.flatMap((purchase) =>
    (lines.get(purchase.purchase_number) ?? [])
      .sort((a, b) => a.line_number - b.line_number)
      .map((line) => ({ ...purchase, ...line })),
  );
}
