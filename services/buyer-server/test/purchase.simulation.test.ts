import { describe, expect, it } from 'vitest';
import { seedsFromEnvironment, World } from '@everopen/simulation';
import { exploreMarket } from './world/market.ts';
import { addBuyer, addItem, addSeller, newKey, putInCart, seenLines } from './world/buyers.ts';
import { checkAtRest, type Carts } from './world/invariants.ts';
import { CARDS } from './world/payment-model.ts';
import { Shop, STEPS } from './world/shop.ts';
import { toldError, toldOutcome, type Story } from './world/story.ts';

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
/** A seed takes 0.1 s on an idle machine. */
const timeout = 60_000 + seeds * 2_000;

describe('the purchase flow in a shop where everything fails', () => {
  it('M14, M16, M17, P3: random purchases are neither lost nor doubled', { timeout }, async () => {
    const seen = await exploreMarket({ firstSeed, seeds });
    if (seeds < SEEDS) return;
    expect(seen.purchases).toBeGreaterThanOrEqual(10_000);
    expect(seen.deaths).toBeGreaterThan(1_000);
    // A run in which something never happens proves nothing about it.
    expect([...seen.steps.keys()].sort()).toEqual([...STEPS].sort());
    for (const code of REFUSALS) expect(seen.refused.get(code), code).toBeGreaterThan(0);
  });

  it('M16: fifty buyers at once for ten units: exactly ten are sold', async () => {
    const world = new World({ seed: 16 });
    const shop = new Shop(world, { servers: 4 });
    const itemId = addItem(shop, addSeller(shop), 10, 500);
    const carts: Carts = { put: new Map(), taken: new Map() };
    const random = world.random('keys');
    const stories = Array.from({ length: 50 }, (_, index): Story => {
      const buyer = addBuyer(shop, `buyer${index}`);
      putInCart(shop, buyer, carts, itemId, 1);
      const story = { key: newKey(shop, random), lines: seenLines(shop, buyer) };
      const { key: checkoutKey, lines } = story;
      const request = { checkoutKey, sessionKey: buyer.sessionKey, lines, card: CARDS.good };
      world.spawn(async () => {
        try {
          toldOutcome(story, await shop.purchase(index % 4, request));
        } catch (error) {
          toldError(story, error);
        }
      });
      return story;
    });
    await world.run(200_000);
    checkAtRest(shop, stories, carts);
    expect(stories.filter((story) => story.paid !== undefined)).toHaveLength(10);
    expect(stories.filter((story) => story.refused === 'OutOfStock')).toHaveLength(40);
    expect(shop.databases.productsState.items.get(itemId)).toMatchObject({ sold: 10, available: 0 });
  });
});
