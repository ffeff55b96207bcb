import { isCurrency, LIMITS } from '@everopen/contract';
import { invalidArgument } from './invalid-argument.ts';
import { checkId, checkInteger } from './check-integer.ts';

interface Line {
  readonly itemId: number;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly currency: string;
}

/** Lines of a checkout or a purchase: a bounded number, each item once, quantity, price and currency sane. */
export function checkLines(lines: readonly Line[]): void {
  if (lines.length > LIMITS.cartLines) {
    throw invalidArgument('lines', `must be at most ${LIMITS.cartLines}`);
  }
  const seen = new Set<number>();
  for (const [index, line] of lines.entries()) {
    const field = (name: string) => `lines[${index}].${name}`;
    checkId(field('item_id'), line.itemId);
    checkInteger(field('quantity'), line.quantity, 1, LIMITS.unitsPerCartLine);
    checkInteger(field('unit_price_minor'), line.unitPriceMinor, 0, LIMITS.priceMaxMinor);
    if (!isCurrency(line.currency)) {
      throw invalidArgument(field('currency'), 'must be an ISO 4217 code that this shop uses');
    }
    if (seen.has(line.itemId)) throw invalidArgument(field('item_id'), 'must not be in two lines');
    seen.add(line.itemId);
  }
}
