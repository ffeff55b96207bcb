import { isCodedError } from '@everopen/core';
import { World } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import type { PurchaseRequest } from '../src/purchase/purchase-flow.ts';
import {
  addBuyer,
  addItem,
  addSeller,
  logIn,
  newKey,
  putInCart,
  seenLines,
  type Buyer,
} from './world/buyers.ts';
import { checkAtRest, claim, type Carts } from './world/invariants.ts';
import { CARDS, type CardKind } from './world/payment-model.ts';
import { MISHAPS, Shop, type Mishap } from './world/shop.ts';
import { isTold, toldError, toldOutcome, type Story } from './world/story.ts';

/** More steps than a purchase has. */
const STEPS_MAX = 8;
/** Sweeps are rare here, because a world that only waits is cheap. Long enough for a few of them. */
const SETTINGS = { sweepPauseMs: 20_000 };
const REST_MS = 240_000;

interface Plot {
  readonly name: string;
  readonly card: CardKind;
  /** What happens between the buyer's look at the cart and the purchase. */
  readonly twist?: 'stock is gone' | 'price is another';
  /** Of the server that takes the purchase, if nothing befalls it. */
  readonly steps: readonly string[];
  /** Paid, or the code of the refusal. */
  readonly end: string;
}

const PLOTS: readonly Plot[] = [
  {
    name: 'a good card',
    card: 'good',
    steps: ['beginCheckout', 'placeOrder', 'charge', 'confirmOrder', 'recordPurchase', 'markOrderRecorded'],
    end: 'paid',
  },
  {
    name: 'a declined card',
    card: 'declined',
    steps: ['beginCheckout', 'placeOrder', 'charge', 'cancelOrder', 'abortCheckout'],
    end: 'PaymentDeclined',
  },
  {
    name: 'a card that payment will not look at',
    card: 'unreadable',
    steps: ['beginCheckout', 'placeOrder', 'charge', 'void', 'cancelOrder', 'abortCheckout'],
    end: 'InvalidCard',
  },
  {
    name: 'no stock left',
    card: 'good',
    twist: 'stock is gone',
    steps: ['beginCheckout', 'placeOrder', 'abortOrder', 'abortCheckout'],
    end: 'OutOfStock',
  },
  {
    name: 'another price',
    card: 'good',
    twist: 'price is another',
    steps: ['beginCheckout', 'placeOrder', 'abortOrder', 'abortCheckout'],
    end: 'PriceChanged',
  },
];

/** Server 0 takes the purchase. Then the buyer goes on at servers 1 and 2, or nobody but their sweepers does. */
type Finisher = 'a retry elsewhere' | 'sweepers alone';

/** Plays one purchase under its mishaps, lets everything come to rest, and checks it. Gives what befell. */
async function play(plot: Plot, finisher: Finisher, mishaps: readonly Mishap[]): Promise<readonly string[]> {
  const world = new World({ seed: 1 });
  const shop = new Shop(world, { servers: 3, settings: SETTINGS });
  shop.mishaps = mishaps;
  try {
    // With sweepers alone, server 1 has to come first, so that its mishap takes place.
    if (finisher === 'sweepers alone') shop.kill(2);
    const sellerId = addSeller(shop);
    const itemId = addItem(shop, sellerId, 3, 250);
    const buyer = addBuyer(shop, 'buyer');
    const carts: Carts = { put: new Map(), taken: new Map() };
    putInCart(shop, buyer, carts, itemId, 2);
    const lines = seenLines(shop, buyer);
    const story: Story = { key: newKey(shop, world.random('key')), lines };
    const { products } = shop.databases;
    if (plot.twist === 'stock is gone') products.removeUnits({ sellerId, itemId, quantity: 2 });
    if (plot.twist === 'price is another') products.changePrice({ sellerId, itemId, priceMinor: 251 });
    const request = {
      checkoutKey: story.key,
      sessionKey: buyer.sessionKey,
      lines,
      card: CARDS[plot.card],
    };
    world.spawn(() => shopAt(shop, story, request, finisher === 'sweepers alone' ? [0] : [0, 1, 2]));
    await world.run(REST_MS);
    shop.healEverything();
    await world.run(world.nowMs + REST_MS);
    checkAtRest(shop, [story], carts);
    checkEnd(shop, plot, finisher, story, buyer);
    await comeBack(shop, story, request, buyer);
    return shop.befell;
  } catch (error) {
    const what = mishaps.map(({ server, step, what: kind }) => `server ${server} ${kind} step ${step}`);
    throw new Error(
      `${plot.name}, ${finisher}, ${what.join(', ')}: ${String(error)}\n${world.trace.story()}`,
      { cause: error },
    );
  }
}

/** The buyer goes from server to server until one of them has a final answer. */
async function shopAt(
  shop: Shop,
  story: Story,
  request: PurchaseRequest,
  servers: readonly number[],
): Promise<void> {
  for (const server of servers) {
    try {
      toldOutcome(story, await shop.purchase(server, request));
    } catch (error) {
      toldError(story, error);
    }
    if (isTold(story)) return;
  }
}

/** Minutes later, after another login: whatever there is an answer for is answered again, at every server. */
async function comeBack(shop: Shop, story: Story, request: PurchaseRequest, buyer: Buyer): Promise<void> {
  const { world } = shop;
  shop.mishaps = []; // what did not happen by now is not to happen
  const { sessionKey } = logIn(shop, buyer.buyerId, 'another session');
  const ask = async (): Promise<void> => {
    try {
      toldOutcome(story, await shop.lookup(0, story.key, sessionKey));
    } catch (error) {
      claim(isCodedError(error, 'NotFound') && !isTold(story), 'nobody knows what became of the purchase');
      return; // it never began
    }
    claim(isTold(story), 'pending, long after the end');
    for (const server of [1, 2]) await shopAt(shop, story, { ...request, sessionKey }, [server]);
  };
  let asked = false;
  world.spawn(async () => {
    await ask();
    asked = true;
  });
  claim(await world.runUntil(() => asked, world.nowMs + 60_000), 'no answer, long after the end');
}

function checkEnd(shop: Shop, plot: Plot, finisher: Finisher, story: Story, buyer: Buyer): void {
  if (story.paid !== undefined) claim(plot.end === 'paid', `paid, and ought not to be`);
  if (story.refused !== undefined && plot.end !== 'paid') {
    claim(plot.end === story.refused, `refused as ${story.refused}`);
  }
  if (finisher === 'a retry elsewhere') {
    // Two servers may die; the third has an answer. Only sweepers may void, so a good card pays.
    claim(isTold(story), 'the buyer was never told');
    if (plot.end === 'paid') claim(story.paid !== undefined, `refused as ${story.refused}`);
  }
  const inCart = shop.databases.customersState.linesOfCart.count(buyer.buyerId);
  const wasCharged = shop.payment.ledger.get(story.key)?.outcome === 'charged';
  claim(inCart === (wasCharged ? 0 : 1), `${inCart} lines in the cart, charged: ${wasCharged}`);
}

describe.each(PLOTS)('one purchase with $name', (plot) => {
  it.each<Finisher>(['a retry elsewhere', 'sweepers alone'])(
    'M14, M15, M17: whatever befalls its server at whichever step, and the next one after it: %s ends it well',
    async (finisher) => {
      const befell = new Set<string>();
      let plays = 0;
      const run = async (mishaps: readonly Mishap[]): Promise<boolean> => {
        plays++;
        const all = await play(plot, finisher, mishaps);
        for (const what of all) befell.add(what);
        return all.length === mishaps.length;
      };
      for (const what of MISHAPS) {
        for (let step = 1; step <= STEPS_MAX; step++) {
          const first: Mishap = { server: 0, step, what };
          if (!(await run([first]))) break;
          for (const then of MISHAPS) {
            for (let next = 1; next <= STEPS_MAX; next++) {
              if (!(await run([first, { server: 1, step: next, what: then }]))) break;
            }
          }
        }
      }
      // Every mishap at every step, of the first server and of whoever came after it.
      const steps = [...plot.steps, ...(finisher === 'sweepers alone' ? ['abortOrder'] : ['getOrder'])];
      for (const step of steps) for (const what of MISHAPS) expect(befell).toContain(`${what} ${step}`);
      expect(plays).toBeGreaterThan((MISHAPS.length * plot.steps.length) ** 2 / 4);
    },
  );
});
