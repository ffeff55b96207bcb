import type { OrderRow } from '../schema/orders.ts';

/** A line of an order as it was placed; the currency is the order's. */
export interface PlacedLine {
  readonly itemId: number;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly sellerId: number;
  readonly name: string;
}

type Stored = [itemId: number, quantity: number, unitPriceMinor: number, sellerId: number, name: string];

/** The lines as one column holds them: they are read and written with their order, and never change. */
export function writeLines(lines: readonly PlacedLine[]): string {
  return JSON.stringify(
    lines.map((line): Stored => [line.itemId, line.quantity, line.unitPriceMinor, line.sellerId, line.name]),
  );
}

export function readLines(order: OrderRow): PlacedLine[] {
  return (JSON.parse(order.lines) as Stored[]).map(([itemId, quantity, unitPriceMinor, sellerId, name]) => ({
    itemId,
    quantity,
    unitPriceMinor,
    sellerId,
    name,
  }));
}
