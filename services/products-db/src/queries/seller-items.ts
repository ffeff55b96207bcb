import { ITEMS, type ItemRow } from '../schema/items.ts';
import { namedQuery, type NamedQuery } from './named-query.ts';

/** Items of `:sellerId` with ids below `:before`, the newest first. */
export const SELLER_ITEMS: NamedQuery = namedQuery({
  name: 'seller_items',
  sql: `
    SELECT ${Object.keys(ITEMS.columns).join(', ')} FROM items
    WHERE seller_id = :sellerId AND item_id < :before
    ORDER BY item_id DESC LIMIT :limit`,
  reference: (rows, { sellerId, before, limit }) =>
    rows<ItemRow>(ITEMS.name)
      .filter((item) => item.seller_id === sellerId && item.item_id < (before as number))
      .toSorted((a, b) => b.item_id - a.item_id)
      .slice(0, limit as number),
});
