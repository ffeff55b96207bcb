import { describe, expect, it } from 'vitest';
import { seedsFromEnvironment } from '@everopen/simulation';
import { exploreMarket } from './world/market.ts';
import { STEPS } from './world/shop.ts';

const SEEDS = 50;
const REFUSALS = [
  'OutOfStock',
  'PriceChanged',
  'PaymentDeclined',
  'PaymentVoided',
  'InvalidCard',
  'OrderAborted',
];

const { firstSeed, seeds } = seedsFromEnvironment(SEEDS);

describe('the purchase flow in a shop where everything fails', () => {
  it('M14, M16, M17, P3: random purchases are neither lost nor doubled', async () => {
    const seen = await exploreMarket({ firstSeed, seeds });
    if (seeds < SEEDS) return;
    expect(seen.purchases).toBeGreaterThanOrEqual(10_000);
    expect(seen.deaths).toBeGreaterThan(1_000);
    // A run in which something never happens proves nothing about it.
    expect([...seen.steps.keys()].sort()).toEqual([...STEPS].sort());
    for (const code of REFUSALS) expect(seen.refused.get(code), code).toBeGreaterThan(0);
  });
});
