import { Condition } from '@everopen/contract/products';
import { Role } from '@everopen/contract/customers';
import { formatUuid, isCodedError, uuidV7, type Random } from '@everopen/core';
import type { PurchaseOutcome, PurchaseRequest } from '../../src/purchase/purchase-flow.ts';
import type { ExpectedLine } from '../../src/purchase/purchase-types.ts';
import { addUnits, cartKey, claim, type Carts } from './invariants.ts';
import { CARDS, type CardKind } from './payment-model.ts';
import type { Shop } from './shop.ts';
import { isTold, toldError, toldOutcome, type Story } from './story.ts';

export interface Buyer {
  readonly buyerId: number;
  readonly sessionKey: Buffer;
}

const ANY_HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
/** In an attempt's mean, a buyer gives up once in so many times. */
const PATIENCE = 6;

export function addSeller(shop: Shop): number {
  return addAccount(shop, Role.SELLER, 'seller');
}

export function addItem(shop: Shop, sellerId: number, quantity: number, priceMinor: number): number {
  const { items } = shop.databases.productsState;
  const { item } = shop.databases.products.listItem({
    sellerId,
    name: `Item ${items.size + 1}`,
    category: 1,
    keywords: [],
    condition: Condition.NEW,
    priceMinor,
    currency: 'EUR',
    quantity,
  });
  if (item === undefined) throw new Error('Nothing was listed');
  return item.itemId;
}

export function addBuyer(shop: Shop, name: string): Buyer {
  const buyerId = addAccount(shop, Role.BUYER, name);
  return logIn(shop, buyerId, name);
}

/** A session of a buyer who is registered, the first or another. */
export function logIn(shop: Shop, buyerId: number, sessionName: string): Buyer {
  const sessionKey = Buffer.alloc(32, sessionName);
  shop.databases.customers.openSession({
    accountId: buyerId,
    role: Role.BUYER,
    passwordVersion: 1,
    sessionKey,
    label: '',
  });
  return { buyerId, sessionKey };
}

function addAccount(shop: Shop, role: Role, username: string): number {
  const request = { role, username, passwordHash: ANY_HASH, displayName: username };
  return shop.databases.customers.createAccount(request).accountId;
}

export function putInCart(shop: Shop, buyer: Buyer, carts: Carts, itemId: number, quantity: number): void {
  const { buyerId, sessionKey } = buyer;
  const available = 1_000_000;
  shop.databases.customers.addToCart({ sessionKey, itemId, quantity, available });
  addUnits(carts.put, cartKey(buyerId, itemId), quantity);
}

/** The cart as the buyer sees it, with the prices of now. */
export function seenLines(shop: Shop, { sessionKey }: Buyer): ExpectedLine[] {
  const cart = shop.databases.customers.getCart({ sessionKey, role: Role.BUYER });
  return cart.lines.map(({ itemId, quantity }) => {
    const item = shop.databases.productsState.items.get(itemId);
    return { itemId, quantity, unitPriceMinor: item?.price_minor ?? 0, currency: 'EUR' };
  });
}

export function newKey(shop: Shop, random: Random): string {
  return formatUuid(uuidV7(shop.world.unixMs, random));
}

/**
 * A buyer's afternoon: fills the cart, buys, tries again elsewhere when an answer does not come, gives up
 * now and then, clicks twice, looks the purchase up, mixes keys up, rates what he bought.
 */
export async function shopping(
  shop: Shop,
  buyer: Buyer,
  other: Buyer,
  options: { purchases: number; random: Random; carts: Carts; stories: Story[] },
): Promise<void> {
  const { random, carts, stories } = options;
  const { world } = shop;
  const itemIds = [...shop.databases.productsState.items.values()]
    .map((item) => item.item_id)
    .sort((a, b) => a - b);
  for (let done = 0; done < options.purchases; done++) {
    for (let lines = 1 + random.below(3); lines > 0; lines--) {
      putInCart(shop, buyer, carts, random.pick(itemIds), 1 + random.below(2));
    }
    const lines = seenLines(shop, buyer);
    await world.sleep(random.float() * 20);
    const story: Story = { key: newKey(shop, random), lines };
    stories.push(story);
    const kind: CardKind = random.chance(0.85) ? 'good' : random.chance(0.8) ? 'declined' : 'unreadable';
    const request = { checkoutKey: story.key, sessionKey: buyer.sessionKey, lines, card: CARDS[kind] };
    await buy(shop, story, request, random);
    if (!isTold(story) && random.chance(0.3)) {
      // Gave up, and comes back: perhaps the sweepers have been there.
      await world.sleep(random.float() * 100_000);
      await buy(shop, story, request, random);
    }
    await afterwards(shop, story, request, { buyer, other, random });
    if (story.refused !== undefined && random.chance(0.7)) clearCart(shop, buyer, carts);
    await world.sleep(random.float() * 500);
  }
}

async function buy(shop: Shop, story: Story, request: PurchaseRequest, random: Random): Promise<void> {
  for (;;) {
    const clicks = random.chance(0.1) ? 2 : 1;
    const attempts = Array.from({ length: clicks }, async () => {
      try {
        const outcome = await shop.purchase(random.below(shop.servers.length), request);
        toldOutcome(story, outcome);
        return outcome.status === 'pending' ? outcome.retryAfterMs : undefined;
      } catch (error) {
        return toldError(story, error) ? 50 : undefined;
      }
    });
    const pauses = await Promise.all(attempts);
    if (isTold(story)) return;
    if (random.chance(1 / PATIENCE)) return;
    await shop.world.sleep(Math.max(...pauses.map((pause) => pause ?? 0)) * (1 + random.float()));
  }
}

async function afterwards(
  shop: Shop,
  story: Story,
  request: PurchaseRequest,
  { buyer, other, random }: { buyer: Buyer; other: Buyer; random: Random },
): Promise<void> {
  const server = random.below(shop.servers.length);
  const { sessionKey } = other;
  // A key that was never taken is free for anybody and any cart.
  const whim = random.below(story.paid === undefined ? 3 : 6);
  try {
    switch (whim) {
      case 0:
        await hearAgain(story, shop.purchase(server, request));
        break;
      case 1:
        toldOutcome(story, await shop.lookup(server, story.key, buyer.sessionKey));
        break;
      case 2:
        await shop.lookup(server, story.key, sessionKey);
        claim(false, `${story.key}: another buyer can see this purchase`);
        break;
      case 3: {
        const lines = request.lines.map((line) => ({ ...line, quantity: line.quantity + 1 }));
        await shop.purchase(server, { ...request, lines });
        claim(false, `${story.key}: the key was taken for another cart`);
        break;
      }
      case 4:
        await shop.purchase(server, { ...request, sessionKey });
        claim(false, `${story.key}: the key was taken for another buyer`);
        break;
      case 5:
        rate(shop, buyer, request);
        break;
    }
  } catch (error) {
    if (!isCodedError(error)) throw error;
  }
}

/** A repeat of what was asked before: whatever it says is held against the first answer. */
async function hearAgain(story: Story, answer: Promise<PurchaseOutcome>): Promise<void> {
  try {
    toldOutcome(story, await answer);
  } catch (error) {
    toldError(story, error);
  }
}

function rate(shop: Shop, { sessionKey }: Buyer, { lines }: PurchaseRequest): void {
  const { itemId, quantity } = lines[0] as ExpectedLine;
  shop.databases.customers.giveFeedback({ sessionKey, itemId, thumbsUp: quantity === 1 });
}

function clearCart(shop: Shop, buyer: Buyer, carts: Carts): void {
  for (const { itemId, quantity } of seenLines(shop, buyer)) {
    addUnits(carts.taken, cartKey(buyer.buyerId, itemId), quantity);
  }
  shop.databases.customers.clearCart({ sessionKey: buyer.sessionKey, role: Role.BUYER });
}
