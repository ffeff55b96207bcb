import { LIMITS } from '@everopen/contract';
import { Condition, SortOrder, type SearchRequest } from '@everopen/contract/products';
import { checkCategory, checkKeywords } from '../validation/listing.ts';
import { invalid } from '../validation/invalid.ts';
import { checkInteger } from '../validation/numbers.ts';
import { checkText, countCodePoints } from '../validation/text.ts';
import { wordsOf } from './terms.ts';

export type SearchOrder = 'newest' | 'relevance' | 'price-ascending' | 'price-descending';

/** A search request, checked and in canonical form. */
export interface SearchPlan {
  readonly category: number | undefined;
  /** Items must have one of them, if there are any. */
  readonly keywords: readonly string[];
  /** Each must begin a word of the name; the longest comes first. */
  readonly prefixes: readonly string[];
  readonly minPriceMinor: number;
  readonly maxPriceMinor: number;
  readonly condition: number | undefined;
  readonly order: SearchOrder;
  readonly limit: number;
}

/** Checks a search (M11); refuses with `InvalidArgument` naming the field. */
export function planSearch(request: SearchRequest): SearchPlan {
  const keywords = checkKeywords(request.keywords, LIMITS.searchKeywords);
  const minPriceMinor = checkBound(request.minPriceMinor, 'min_price_minor', 0);
  const maxPriceMinor = checkBound(request.maxPriceMinor, 'max_price_minor', LIMITS.priceMaxMinor);
  if (minPriceMinor > maxPriceMinor) throw invalid('max_price_minor', 'must not be below min_price_minor');
  return {
    category: request.category === undefined ? undefined : checkCategory(request.category),
    keywords,
    prefixes: checkSearchText(request.text),
    minPriceMinor,
    maxPriceMinor,
    condition: checkCondition(request.condition),
    order: checkOrder(request.sort, keywords.length),
    limit: checkLimit(request.limit),
  };
}

/** The size of a page: 1 to 100; 0, which is "not given" in proto3, asks for 20. */
export function checkLimit(limit: number): number {
  return limit === 0 ? LIMITS.pageDefault : checkInteger(limit, 'limit', 1, LIMITS.pageMax);
}

function checkSearchText(text: string): string[] {
  if (text.trim() === '') return [];
  const words = [...new Set(wordsOf(checkText(text, 'text', LIMITS.searchTextMaxChars)))];
  if (words.length > LIMITS.searchTextWords) {
    throw invalid('text', `must be at most ${LIMITS.searchTextWords} words`, { max: LIMITS.searchTextWords });
  }
  return words.toSorted((a, b) => countCodePoints(b) - countCodePoints(a));
}

function checkBound(value: number | undefined, field: string, otherwise: number): number {
  return value === undefined ? otherwise : checkInteger(value, field, 0, LIMITS.priceMaxMinor);
}

function checkCondition(condition: Condition): number | undefined {
  if (condition === Condition.UNSPECIFIED) return undefined;
  if (condition === Condition.NEW || condition === Condition.USED) return condition;
  throw invalid('condition', 'must be new (1), used (2) or not given');
}

function checkOrder(sort: SortOrder, keywords: number): SearchOrder {
  switch (sort) {
    case SortOrder.UNSPECIFIED:
      // With one keyword or none every item matches as well as the others: then newest is the ranking.
      return keywords > 1 ? 'relevance' : 'newest';
    case SortOrder.NEWEST:
      return 'newest';
    case SortOrder.PRICE_ASCENDING:
      return 'price-ascending';
    case SortOrder.PRICE_DESCENDING:
      return 'price-descending';
    default:
      throw invalid('sort', 'is not a sort order that is known');
  }
}
