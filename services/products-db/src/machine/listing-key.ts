import type { ItemRow } from '../schema/items.ts';

export type ListingKeyFields = Pick<
  ItemRow,
  'seller_id' | 'name' | 'category' | 'keywords' | 'condition' | 'price_minor' | 'currency'
>;

/** What makes two listings equal (M9). Texts hold no control characters, so the parts cannot be confused. */
export function listingKey(listing: ListingKeyFields): string {
  const { seller_id, category, condition, price_minor, currency, name, keywords } = listing;
  return `${seller_id}\n${category}\n${condition}\n${price_minor}\n${currency}\n${name}\n${keywords}`;
}
