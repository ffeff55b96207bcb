import type { OrderRow } from '../schema/orders.ts';
import type { PlacedLine } from './order-lines.ts';
import type { ProductsState } from './products-state.ts';

/** Counts a paid order for each seller who has a line in it (M10). */
export function countSales(state: ProductsState, order: OrderRow, lines: readonly PlacedLine[]): void {
  const bySeller = new Map<number, { units: number; revenueMinor: number }>();
  for (const { sellerId, quantity, unitPriceMinor } of lines) {
    const sum = bySeller.get(sellerId) ?? { units: 0, revenueMinor: 0 };
    sum.units += quantity;
    sum.revenueMinor += quantity * unitPriceMinor;
    bySeller.set(sellerId, sum);
  }
  for (const [sellerId, { units, revenueMinor }] of bySeller) {
    const seller = state.sellers.get(sellerId);
    if (seller === undefined) throw new Error(`Order ${order.order_id} has a line of nobody: ${sellerId}`);
    state.sellers.put({
      ...seller,
      units_sold: seller.units_sold + units,
      orders_paid: seller.orders_paid + 1,
    });
    const revenue = state.revenue.get(sellerId, order.currency)?.revenue_minor ?? 0;
    state.revenue.put({
      seller_id: sellerId,
      currency: order.currency,
      // A charged order must never be refused for the sake of a counter.
      revenue_minor: Math.min(revenue + revenueMinor, Number.MAX_SAFE_INTEGER),
    });
  }
}
