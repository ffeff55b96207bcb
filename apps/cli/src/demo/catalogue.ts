import { CURRENCIES, LIMITS } from '@everopen/contract';
import type { ListItemRequest } from '@everopen/contract/rest';
import { type Random, seededRandom } from '@everopen/core';
import { PRODUCTS, type Product } from './products.ts';
import { type DemoSeller, SELLERS } from './sellers.ts';

const CATALOGUE_SEED = 20_240_229;

export type DemoItem = ListItemRequest & { readonly keywords: string[]; readonly quantity: number };

export interface SellersStock {
  readonly seller: DemoSeller;
  readonly items: readonly DemoItem[];
}

/**
 * The demonstration catalogue: the same items, prices and quantities for everybody. Each category has a few
 * sellers of its own; what they have used is cheaper, and there is little of it.
 */
export function demoCatalogue(currency: string): SellersStock[] {
  const random = seededRandom(CATALOGUE_SEED);
  const stock = SELLERS.map((seller) => ({ seller, items: [] as DemoItem[] }));
  for (const [category, products] of PRODUCTS.entries()) {
    const sellers = stock.filter(({ seller }) => seller.categories.includes(category));
    for (const product of products) {
      for (const variant of product.variants) {
        random.pick(sellers).items.push(itemOf(category, product, variant, currency, random));
      }
    }
  }
  return stock;
}

function itemOf(
  category: number,
  product: Product,
  variant: string,
  currency: string,
  random: Random,
): DemoItem {
  const used = random.chance(product.usedShare);
  const [low, high] = product.price;
  const price = (low + (high - low) * random.float()) * (used ? 0.45 + 0.25 * random.float() : 1);
  return {
    name: product.noun === '' ? variant : `${variant} ${product.noun}`,
    category,
    keywords: keywordsOf(product, variant),
    condition: used ? 'used' : 'new',
    priceMinor: pricedToSell(price, currency, random),
    currency,
    quantity: used ? 1 + random.below(3) : 3 + random.below(58),
  };
}

/** The product's own keywords, and the words of the variant that are short enough. */
function keywordsOf(product: Product, variant: string): string[] {
  const words = variant
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length >= 3 && word.length <= LIMITS.keywordMaxChars && !SMALL_WORDS.has(word));
  return [...new Set([...product.keywords, ...words])].slice(0, LIMITS.keywordsPerItem);
}

const SMALL_WORDS = new Set(['the', 'and', 'for', 'with', 'from', 'into', 'its', 'who']);

/** Prices as shops write them: 12.90, 129.00, 7.95. */
function pricedToSell(price: number, currency: string, random: Random): number {
  const endings = price < 20 ? [0.5, 0.9, 0.95, 0.99] : price < 100 ? [0, 0.5, 0.9, 0.95] : [0];
  const whole =
    price >= 1_000
      ? Math.round(price / 50) * 50
      : price >= 100
        ? Math.round(price / 5) * 5
        : Math.floor(price);
  const amount = whole + random.pick(endings);
  // Where there is no minor unit, one of the main unit is worth about a hundredth.
  return Math.max(1, CURRENCIES[currency] === 0 ? Math.round(amount) * 100 : Math.round(amount * 100));
}
