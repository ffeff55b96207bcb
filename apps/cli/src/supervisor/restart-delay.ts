import type { Random } from '@everopen/core';

export interface RestartPolicy {
  readonly restartDelayMinMs: number;
  readonly restartDelayMaxMs: number;
  /** A component that ran this long is healthy: its next crash counts as its first. */
  readonly healthyAfterMs: number;
}

/**
 * The pause before a restart after the given number of crashes in a row (1, 2, 3 …): it doubles each time up
 * to the maximum, and half of it is random, so that components that fall together do not return together.
 */
export function restartDelayMs(policy: RestartPolicy, crashesInARow: number, random: Random): number {
  // 2^30 times the minimum is beyond any maximum, and the exponent stays exact.
  const doubled = policy.restartDelayMinMs * 2 ** Math.min(crashesInARow - 1, 30);
  const full = Math.min(doubled, policy.restartDelayMaxMs);
  return Math.round(full / 2 + (full / 2) * random.float());
}
