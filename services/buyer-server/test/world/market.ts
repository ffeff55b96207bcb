import type { Random } from '@everopen/core';
import {
  drawSwarm,
  explore,
  randomStream,
  scheduleFaults,
  World,
  type FaultSchedule,
  type FaultSource,
  type Scenario,
} from '@everopen/simulation';
import { DEFAULT_PURCHASE_SETTINGS } from '../../src/purchase/purchase-settings.ts';
import type { stepPurchase } from '../../src/purchase/step-purchase.ts';
import { addBuyer, addItem, addSeller, shopping } from './buyers.ts';
import { checkAtRest, type Carts } from './invariants.ts';
import { CALM, Shop, type NetworkRates, type Place } from './shop.ts';
import type { Story } from './story.ts';

const SERVERS = 4;
const BUYERS = 20;
const ITEMS = 12;
const PURCHASES_A_BUYER = 10;

/** Faults end here, whether or not everybody has bought everything. */
const FAULTS_UNTIL_MS = 120_000;
/** A buyer who meets one pending answer after the other needs this long at most. */
const SHOPPING_UNTIL_MS = 3_600_000;
/** The deadlines of the last order and of the last checkout, one after the other, and a few sweeps. */
const REST_MS = 2 * DEFAULT_PURCHASE_SETTINGS.reservationMs + 60_000;

type ShopFault =
  | { readonly kind: 'kill' | 'start'; readonly server: number }
  | { readonly kind: 'cut' | 'heal'; readonly place: Place }
  | { readonly kind: 'payment-takes'; readonly ms: number }
  | { readonly kind: 'network'; readonly rates: NetworkRates };

const SOURCES: readonly FaultSource<ShopFault>[] = [
  {
    name: 'servers die',
    meanIntervalMs: 1_000,
    draw: (random) => {
      const server = random.below(SERVERS);
      const afterMs = random.float() * 5_000;
      return { fault: { kind: 'kill', server }, heal: { afterMs, fault: { kind: 'start', server } } };
    },
  },
  outagesOf('customers', 8_000, 4_000),
  outagesOf('products', 8_000, 4_000),
  outagesOf('payment', 15_000, 30_000),
  {
    name: 'payment is slow',
    meanIntervalMs: 10_000,
    draw: (random) => ({
      fault: { kind: 'payment-takes', ms: random.float() * 12_000 },
      heal: { afterMs: random.float() * 15_000, fault: { kind: 'payment-takes', ms: 0 } },
    }),
  },
  {
    name: 'bad network',
    meanIntervalMs: 4_000,
    draw: (random) => ({
      fault: { kind: 'network', rates: drawRates(random) },
      heal: { afterMs: random.float() * 20_000, fault: { kind: 'network', rates: CALM } },
    }),
  },
];

type Step = typeof stepPurchase;

export interface MarketSeen {
  purchases: number;
  paid: number;
  deaths: number;
  readonly refused: Map<string, number>;
  readonly steps: Map<string, number>;
}

/** Many seeds of a market: buyers, faults, rest, and the checks. Throws the story of the first that fails. */
export async function exploreMarket(options: { firstSeed: number; seeds: number }): Promise<MarketSeen> {
  const seen: MarketSeen = { purchases: 0, paid: 0, deaths: 0, refused: new Map(), steps: new Map() };
  const seeds = new Set<number>();
  const scenario: Scenario<ShopFault> = {
    name: 'market',
    schedule: drawFaults,
    run: async (seed, schedule, begin) => {
      const world = new World({ seed });
      begin(world);
      const { shop, stories } = await openMarket(world, schedule);
      if (seeds.has(seed)) return; // the second run of a seed, which shows that it is the same run
      seeds.add(seed);
      seen.deaths += shop.deaths;
      seen.purchases += stories.length;
      seen.paid += stories.filter((story) => story.paid !== undefined).length;
      for (const { refused } of stories) if (refused !== undefined) count(seen.refused, refused, 1);
      for (const [name, times] of shop.stepsOf) count(seen.steps, name, times);
    },
  };
  await explore(scenario, options);
  return seen;
}

/** One seed under a flow of one's own, without shrinking. */
export async function runMarket(seed: number, stepOf: (shop: Shop) => Step): Promise<void> {
  await openMarket(new World({ seed }), drawFaults(seed), stepOf);
}

function drawFaults(seed: number): FaultSchedule<ShopFault> {
  return drawSwarm(randomStream(seed, 'faults'), { sources: SOURCES, untilMs: FAULTS_UNTIL_MS });
}

async function openMarket(
  world: World,
  schedule: FaultSchedule<ShopFault>,
  stepOf?: (shop: Shop) => Step,
): Promise<{ shop: Shop; stories: Story[] }> {
  const shop: Shop = new Shop(world, {
    servers: SERVERS,
    ...(stepOf && { step: (state, event) => stepOf(shop)(state, event) }),
  });
  scheduleFaults(world, schedule, (fault) => apply(shop, fault));
  const sellerId = addSeller(shop);
  const random = world.random('market');
  // Some things are rare, so that buyers fight for the last one.
  for (let item = 0; item < ITEMS; item++) {
    addItem(shop, sellerId, item < 2 ? 20 : 400, 100 + random.below(900));
  }
  const buyers = Array.from({ length: BUYERS }, (_, index) => addBuyer(shop, `buyer${index}`));
  const carts: Carts = { put: new Map(), taken: new Map() };
  const stories: Story[] = [];
  let shoppers = buyers.length;
  for (const [index, buyer] of buyers.entries()) {
    const other = buyers[(index + 1) % buyers.length] ?? buyer;
    const options = { purchases: PURCHASES_A_BUYER, random: world.random(`buyer ${index}`), carts, stories };
    world.spawn(async () => {
      await shopping(shop, buyer, other, options);
      shoppers--;
    });
  }
  world.spawn(() => changePrices(shop, sellerId, random, () => shoppers > 0));
  const done = await world.runUntil(() => shoppers === 0, SHOPPING_UNTIL_MS);
  if (!done) throw new Error(`${shoppers} buyers never came home`);
  await world.run(Math.max(world.nowMs, FAULTS_UNTIL_MS));
  shop.healEverything();
  await world.run(world.nowMs + REST_MS);
  checkAtRest(shop, stories, carts);
  return { shop, stories };
}

async function changePrices(
  shop: Shop,
  sellerId: number,
  random: Random,
  open: () => boolean,
): Promise<void> {
  while (open()) {
    await shop.world.sleep(random.float() * 2_000);
    const itemId = 1 + random.below(ITEMS);
    shop.databases.products.changePrice({ sellerId, itemId, priceMinor: 100 + random.below(900) });
  }
}

function apply(shop: Shop, fault: ShopFault): void {
  switch (fault.kind) {
    case 'kill':
      return shop.kill(fault.server);
    case 'start':
      return shop.start(fault.server);
    case 'cut':
      return shop.cut(fault.place);
    case 'heal':
      return shop.heal(fault.place);
    case 'payment-takes':
      shop.paymentDelayMs = fault.ms;
      return;
    case 'network':
      shop.network = fault.rates;
      return;
  }
}

function outagesOf(place: Place, meanIntervalMs: number, lengthMaxMs: number): FaultSource<ShopFault> {
  return {
    name: `${place} out of reach`,
    meanIntervalMs,
    draw: (random) => ({
      fault: { kind: 'cut', place },
      heal: { afterMs: random.float() * lengthMaxMs, fault: { kind: 'heal', place } },
    }),
  };
}

/** Each kind of mishap often, rarely, or not at all. */
function drawRates(random: Random): NetworkRates {
  const rate = (): number => random.pick([0, 0.02, 0.2]);
  return {
    loseRequest: rate(),
    loseAnswer: rate(),
    duplicate: rate(),
    refuse: rate(),
    delayMaxMs: random.pick([2, 20, 200]),
    lag: rate(),
  };
}

function count(counts: Map<string, number>, name: string, times: number): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}
