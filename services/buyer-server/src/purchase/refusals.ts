import { ERROR_TABLE, errorForm } from '@everopen/contract';
import type { ExpectedLine, Order, Refusal } from './purchase-types.ts';

export function refusal(code: string, message: string = errorForm(code).title): Refusal {
  return { code, message, details: {} };
}

/**
 * True if a failed call decided something: the same call will fail again. False if it left everything open
 * (lost, too late, overloaded, not ready): the call may have taken effect, and is to be repeated.
 */
export function isDecision(failure: Refusal): boolean {
  // Its `later` speaks to the buyer, who has to end another purchase first; waiting here would not help.
  if (failure.code === 'QuotaExceeded') return true;
  return errorForm(failure.code).retry === 'never';
}

/** Why a cancelled order was cancelled: `known` where this flow knows more than the order's code. */
export function cancellation(order: Order, known?: Refusal): Refusal {
  const code = Object.hasOwn(ERROR_TABLE, order.cancelReason) ? order.cancelReason : 'OrderAborted';
  // A tombstone has no reason of its own: the refusal that led to it is the reason.
  if (known !== undefined && (known.code === code || order.orderId === 0)) return known;
  return refusal(code);
}

/** The same items in the same quantities at the same prices, in any order. */
export function sameLines(a: readonly ExpectedLine[], b: readonly ExpectedLine[]): boolean {
  const canonical = (lines: readonly ExpectedLine[]): string =>
    lines
      .map((line) => `${line.itemId}:${line.quantity}:${line.unitPriceMinor}:${line.currency}`)
      .sort()
      .join();
  return a.length === b.length && canonical(a) === canonical(b);
}
