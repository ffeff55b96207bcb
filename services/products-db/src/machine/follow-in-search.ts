import type { ItemRow } from '../schema/items.ts';
import type { ForSaleRow, SearchTermRow } from '../schema/search.ts';
import { keywordTerm, nameTerm, spaced, wordsOf } from '../search/terms.ts';
import type { ProductsState } from './products-state.ts';

/**
 * Keeps the tables that searches read in step with an item: there while units are available, gone while
 * none are. At most one row for the item and one for each of its words (5 keywords, 16 words of a name).
 */
export function followInSearch(state: ProductsState, before: ItemRow | undefined, after: ItemRow): void {
  const wasForSale = before !== undefined && before.available > 0;
  const isForSale = after.available > 0;
  if (wasForSale && isForSale) {
    if (before.price_minor !== after.price_minor) {
      state.itemsForSale.replace(forSaleRow(before), forSaleRow(after));
    }
  } else if (isForSale) {
    state.itemsForSale.insert(forSaleRow(after));
    for (const row of termRows(after)) state.searchTerms.insert(row);
  } else if (wasForSale) {
    state.itemsForSale.delete(forSaleRow(before));
    for (const row of termRows(before)) state.searchTerms.delete(row);
  }
}

function forSaleRow(item: ItemRow): ForSaleRow {
  return {
    item_id: item.item_id,
    category: item.category,
    condition: item.condition,
    price_minor: item.price_minor,
    keywords: spaced(keywordsOf(item)),
    words: spaced(wordsOf(item.name)),
  };
}

function termRows(item: ItemRow): SearchTermRow[] {
  const terms = new Set([...keywordsOf(item).map(keywordTerm), ...wordsOf(item.name).map(nameTerm)]);
  return [...terms].map((term) => ({ term, item_id: item.item_id, category: item.category }));
}

/** The keywords of a row, which holds them joined. */
export function keywordsOf(item: ItemRow): string[] {
  return item.keywords === '' ? [] : item.keywords.split(' ');
}
