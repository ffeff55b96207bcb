import { describe, expect, it } from 'vitest';
import { stepPurchase } from '../src/purchase/step-purchase.ts';
import { runMarket } from './world/market.ts';
import { MUTANTS } from './world/mutants.ts';

/** In the market, most faults show in the first seed; none may need more than this. */
const SEEDS_MAX = 25;

describe('a purchase flow with a deliberate fault is found out', () => {
  it.each(MUTANTS)('$name', async (mutant) => {
    let failure: unknown;
    for (let seed = 1; seed <= SEEDS_MAX && failure === undefined; seed++) {
      try {
        await runMarket(seed, (shop) => (state, event) => mutant.step(shop, state, event));
      } catch (error) {
        failure = error;
      }
    }
    expect(failure, `nobody noticed in ${SEEDS_MAX} seeds`).toBeInstanceOf(Error);
    expect((failure as Error).message).toMatch(mutant.caughtAs);
  });

  it('and the same seeds find nothing in the flow as it is', async () => {
    for (let seed = 1; seed <= 3; seed++) await runMarket(seed, () => stepPurchase);
  });
});
