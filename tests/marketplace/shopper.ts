import { createBuyerClient, linesOf, makeKey, type BuyerClient, type Purchase } from '@everopen/client';
import { isCodedError, type Random } from '@everopen/core';

const CARD = {
  holderName: 'Chaos Shopper',
  number: '4111 1111 1111 1111',
  expiryMonth: 12,
  expiryYear: 2030,
  securityCode: '123',
};
/** Answers that an honest shopper may get while others buy the same things and processes die. */
const EXPECTED = new Set([
  'OutOfStock',
  'PriceChanged',
  'CartChanged',
  'CartEmpty',
  'NotInCart',
  'PaymentDeclined',
  'PaymentVoided',
  'OrderAborted',
  'QuotaExceeded',
  'Overloaded',
  'NotReady',
  'Unknown',
  'DeadlineExceeded',
]);

export interface ShoppingRecord {
  /** Orders that the shop has acknowledged as paid, by the key of the purchase. */
  readonly paid: Map<string, Purchase>;
  /** Refusals by code. */
  readonly refusals: Map<string, number>;
  /** Answers that no honest shopper should get. */
  readonly surprises: string[];
  calls: number;
  /** The longest time that one call took, with all its repeats. */
  longestCallMs: number;
}

export function shoppingRecord(): ShoppingRecord {
  return { paid: new Map(), refusals: new Map(), surprises: [], calls: 0, longestCallMs: 0 };
}

/** Registers, then searches, fills a cart and pays until `until` says that it is enough. */
export async function shop(options: {
  readonly servers: readonly string[];
  readonly name: string;
  readonly random: Random;
  readonly record: ShoppingRecord;
  readonly until: () => boolean;
}): Promise<BuyerClient> {
  const { random, record, until } = options;
  const buyer = createBuyerClient({ servers: options.servers, callTimeoutMs: 60_000 });
  const account = { username: options.name, password: `correct horse ${options.name}` };
  await buyer.register({ ...account, displayName: options.name });
  await buyer.logIn(account);
  while (!until()) {
    try {
      await shopOnce(buyer, random, record);
    } catch (error) {
      const code = isCodedError(error) ? error.code : 'not coded';
      record.refusals.set(code, (record.refusals.get(code) ?? 0) + 1);
      if (!EXPECTED.has(code)) record.surprises.push(`${code}: ${(error as Error).message}`);
    }
  }
  return buyer;
}

async function shopOnce(buyer: BuyerClient, random: Random, record: ShoppingRecord): Promise<void> {
  const timed = async <T>(call: Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    try {
      return await call;
    } finally {
      record.calls++;
      record.longestCallMs = Math.max(record.longestCallMs, performance.now() - startedMs);
    }
  };
  const { items } = await timed(buyer.search({ category: random.below(10), limit: 20 }));
  for (let i = random.below(3); i >= 0 && items.length > 0; i--) {
    await timed(buyer.addToCart(random.pick(items).itemId, 1 + random.below(2)));
  }
  const cart = await timed(buyer.cart());
  if (cart.lines.length === 0) return;
  const key = makeKey();
  const purchase = await timed(buyer.purchase({ lines: linesOf(cart), card: CARD }, { key }));
  if (purchase.state === 'paid') record.paid.set(key, purchase);
}

/** Keys of acknowledged purchases that are not in any buyer's history exactly once. */
export async function missingFromHistory(
  buyers: readonly BuyerClient[],
  keys: readonly string[],
): Promise<string[]> {
  const seen = new Map<string, number>();
  for (const buyer of buyers) {
    let cursor: string | undefined;
    do {
      const page = await buyer.purchases(cursor === undefined ? { limit: 100 } : { limit: 100, cursor });
      for (const { key, state } of page.purchases) {
        if (state === 'paid') seen.set(key, (seen.get(key) ?? 0) + 1);
      }
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
  return keys.filter((key) => seen.get(key) !== 1);
}
