import { describe, expect, it } from 'vitest';
import { seedsFromEnvironment } from '@everopen/simulation';
import { exploreMarket, PURCHASES_A_SEED } from './world/market.ts';

const { firstSeed, seeds } = seedsFromEnvironment(50);

describe('the purchase flow in a shop where everything fails', () => {
  it('M14, M16, M17, P3: random purchases are neither lost nor doubled', async () => {
    const seen = await exploreMarket({ firstSeed, seeds });
    console.log(seen);
    if (seeds < 50) return;
    expect(seen.purchases).toBeGreaterThanOrEqual(50 * PURCHASES_A_SEED);
  });
});
