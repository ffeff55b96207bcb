import { LIMITS } from '@everopen/contract';
import type { TableSchema } from '@everopen/replica';

/** One listing of one seller. */
export type ItemRow = {
  readonly item_id: number;
  readonly seller_id: number;
  readonly name: string;
  readonly category: number;
  /** In order, with a space between two. */
  readonly keywords: string;
  readonly condition: number;
  readonly price_minor: number;
  readonly currency: string;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  readonly initial: number;
  readonly added: number;
  readonly removed: number;
  readonly thumbs_up: number;
  readonly thumbs_down: number;
  readonly listed_at_ms: number;
};

export const ITEMS: TableSchema<ItemRow> = {
  name: 'items',
  comment: 'Every item ever listed. initial + added = available + reserved + sold + removed, always.',
  columns: {
    item_id: { type: 'integer', check: 'item_id >= 1', comment: 'Given out in order, from 1 on.' },
    seller_id: {
      type: 'integer',
      check: 'seller_id >= 1',
      comment: 'The account, in the customers database, that listed it.',
    },
    name: { type: 'text', check: "name <> ''", comment: 'As the seller wrote it: 1 to 32 characters, NFC.' },
    category: {
      type: 'integer',
      check: `category BETWEEN 0 AND ${LIMITS.categories - 1}`,
      comment: 'One of ten.',
    },
    keywords: { type: 'text', comment: 'Up to 5 words of up to 8 characters, folded, sorted, spaced.' },
    condition: { type: 'integer', check: 'condition IN (1, 2)', comment: '1 new, 2 used.' },
    price_minor: {
      type: 'integer',
      check: `price_minor BETWEEN 1 AND ${LIMITS.priceMaxMinor}`,
      comment: 'Price of one unit in minor units (cents) of the currency.',
    },
    currency: { type: 'text', comment: 'ISO 4217 code.' },
    available: {
      type: 'integer',
      check: `available BETWEEN 0 AND ${LIMITS.unitsPerItem}`,
      comment: 'Units for sale. 0: sold out or delisted, and not found by a search.',
    },
    reserved: { type: 'integer', check: 'reserved >= 0', comment: 'Units in orders that are not yet paid.' },
    sold: { type: 'integer', check: 'sold >= 0', comment: 'Units in paid orders.' },
    initial: { type: 'integer', check: 'initial >= 1', comment: 'Units when it was first listed.' },
    added: { type: 'integer', check: 'added >= 0', comment: 'Units added since.' },
    removed: {
      type: 'integer',
      check: 'removed >= 0 AND initial + added = available + reserved + sold + removed',
      comment: 'Units the seller took from sale. Closes the balance of units.',
    },
    thumbs_up: { type: 'integer', check: 'thumbs_up >= 0', comment: 'Good ratings by buyers.' },
    thumbs_down: { type: 'integer', check: 'thumbs_down >= 0', comment: 'Bad ratings by buyers.' },
    listed_at_ms: { type: 'integer', comment: 'Log time of the first listing, Unix milliseconds.' },
  },
  primaryKey: ['item_id'],
  resident: true,
  storeIndexes: [['seller_id', 'item_id']],
};
