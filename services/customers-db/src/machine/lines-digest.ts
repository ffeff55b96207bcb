import { createHash } from 'node:crypto';

interface Line {
  readonly itemId: number;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly currency: string;
}

/**
 * Tells whether two sets of lines are the same, whatever their order, without keeping either: half a SHA-256
 * in base64url. Items, quantities, prices and currencies count.
 */
export function linesDigest(lines: readonly Line[]): string {
  const sorted = [...lines].sort((a, b) => a.itemId - b.itemId);
  const text = sorted.map((line) =>
    [line.itemId, line.quantity, line.unitPriceMinor, line.currency].join(':'),
  );
  return createHash('sha256').update(text.join(',')).digest().subarray(0, 16).toString('base64url');
}
