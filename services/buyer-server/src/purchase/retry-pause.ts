import type { Random } from '@everopen/core';
import type { PurchaseSettings } from './purchase-settings.ts';

/**
 * How long to wait before a call is repeated for the `attempts`-th time: doubling up to a limit, and half of
 * it by chance, so that servers which failed together do not come back together.
 */
export function retryPauseMs(
  attempts: number,
  settings: Pick<PurchaseSettings, 'retryPauseFirstMs' | 'retryPauseMaxMs'>,
  random: Random,
): number {
  const fullMs = Math.min(settings.retryPauseFirstMs * 2 ** (attempts - 1), settings.retryPauseMaxMs);
  return fullMs * (0.5 + random.float() / 2);
}
