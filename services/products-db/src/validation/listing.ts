import { CURRENCIES, LIMITS } from '@everopen/contract';
import {
  Condition,
  type ChangePriceRequest,
  type ChangeUnitsRequest,
  type ListItemRequest,
} from '@everopen/contract/products';
import { invalid } from './invalid.ts';
import { checkId, checkInteger } from './numbers.ts';
import { checkKeyword, checkText } from './text.ts';

/**
 * What a seller may put up for sale (M7), in its canonical form: keywords folded, without repetition, in
 * order. Used at the edge, where the caller can correct the field, and again by the machine.
 */
export function checkListing(request: ListItemRequest): ListItemRequest {
  return {
    sellerId: checkId(request.sellerId, 'seller_id'),
    name: checkText(request.name, 'name', LIMITS.itemNameMaxChars),
    category: checkCategory(request.category),
    keywords: checkKeywords(request.keywords, LIMITS.keywordsPerItem).toSorted(),
    condition: checkCondition(request.condition),
    priceMinor: checkPrice(request.priceMinor, 'price_minor'),
    currency: checkCurrency(request.currency, 'currency'),
    quantity: checkInteger(request.quantity, 'quantity', 1, LIMITS.unitsPerItem),
  };
}

export function checkPriceChange(request: ChangePriceRequest): ChangePriceRequest {
  return {
    sellerId: checkId(request.sellerId, 'seller_id'),
    itemId: checkId(request.itemId, 'item_id'),
    priceMinor: checkPrice(request.priceMinor, 'price_minor'),
  };
}

export function checkUnitsChange(request: ChangeUnitsRequest): ChangeUnitsRequest {
  return {
    sellerId: checkId(request.sellerId, 'seller_id'),
    itemId: checkId(request.itemId, 'item_id'),
    quantity: checkInteger(request.quantity, 'quantity', 1, LIMITS.unitsPerItem),
  };
}

export function checkCategory(category: number): number {
  return checkInteger(category, 'category', 0, LIMITS.categories - 1);
}

/** Folded and without repetition, in the order given. Repetitions count towards the limit. */
export function checkKeywords(keywords: readonly string[], max: number): string[] {
  if (keywords.length > max) throw invalid('keywords', `must be at most ${max}`, { max });
  const folded = keywords.map((keyword, i) =>
    checkKeyword(keyword, `keywords[${i}]`, LIMITS.keywordMaxChars),
  );
  return [...new Set(folded)];
}

export function checkPrice(priceMinor: number, field: string): number {
  return checkInteger(priceMinor, field, 1, LIMITS.priceMaxMinor);
}

const SHARED_CODES = new Map(Object.keys(CURRENCIES).map((code) => [code, code]));

/** The table's own string of the code, so that a million items share one. */
export function checkCurrency(currency: string, field: string): string {
  const shared = SHARED_CODES.get(currency);
  if (shared === undefined) throw invalid(field, 'must be one of the ISO 4217 codes that are supported');
  return shared;
}

function checkCondition(condition: Condition): Condition {
  if (condition !== Condition.NEW && condition !== Condition.USED) {
    throw invalid('condition', 'must be new (1) or used (2)');
  }
  return condition;
}
