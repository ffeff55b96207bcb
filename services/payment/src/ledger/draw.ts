import { createHmac } from 'node:crypto';

/** What chance has in store for a key. */
export interface Draw {
  /** 0 ≤ x < 1, evenly spread over keys: below the decline share, the charge is declined. */
  readonly chance: number;
  readonly reference: string;
}

const REFERENCE_BYTES = 12;

/**
 * The draw of a key: HMAC-SHA-256 under the seed, cut in two. It depends on nothing else, so a run can be
 * repeated whatever order, number of servers or restarts it has, and references are unique as far as 96 bits
 * of a hash are. This is a simulated issuer's whim, not a secret.
 */
export function drawFor(seed: number, key: string): Draw {
  const digest = createHmac('sha256', `everopen payment ${seed}`).update(key).digest();
  return {
    chance: digest.readUInt32BE(0) / 2 ** 32,
    reference: `pay_${digest.toString('hex', 4, 4 + REFERENCE_BYTES)}`,
  };
}
