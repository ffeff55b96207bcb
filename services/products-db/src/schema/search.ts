import type { TableSchema } from '@everopen/replica';

/** What a search needs of an item that is for sale, and no item that is not. */
export type ForSaleRow = {
  readonly item_id: number;
  readonly category: number;
  readonly condition: number;
  readonly price_minor: number;
  /** A space, then each keyword followed by a space: one word is found by `LIKE '% word %'`. */
  readonly keywords: string;
  /** The words of the name in the same form: a prefix is found by `LIKE '% prefix%'`. */
  readonly words: string;
};

export const ITEMS_FOR_SALE: TableSchema<ForSaleRow> = {
  name: 'items_for_sale',
  comment: 'Derived from items: those with available > 0. Searches walk it, so sold-out items cost nothing.',
  columns: {
    item_id: { type: 'integer', comment: 'The item; higher is newer.' },
    category: { type: 'integer', comment: 'Of the item.' },
    condition: { type: 'integer', comment: 'Of the item.' },
    price_minor: { type: 'integer', comment: 'Of the item.' },
    keywords: { type: 'text', comment: 'Keywords with a space before and after each.' },
    words: { type: 'text', comment: 'Folded words of the name with a space before and after each.' },
  },
  primaryKey: ['item_id'],
  resident: false,
  storeIndexes: [
    ['category', 'item_id'],
    ['price_minor', 'item_id'],
    ['category', 'price_minor', 'item_id'],
  ],
};

/** One word under which an item that is for sale is found. */
export type SearchTermRow = {
  readonly term: string;
  readonly item_id: number;
  readonly category: number;
};

export const SEARCH_TERMS: TableSchema<SearchTermRow> = {
  name: 'search_terms',
  comment: 'Derived from items: an inverted index of those with available > 0.',
  columns: {
    term: { type: 'text', comment: 'k:WORD for a keyword, w:WORD for a word of the name, folded.' },
    item_id: { type: 'integer', comment: 'The item.' },
    category: { type: 'integer', comment: 'Of the item: a search in one category walks that alone.' },
  },
  primaryKey: ['term', 'item_id'],
  resident: false,
  storeIndexes: [['term', 'category', 'item_id']],
};
