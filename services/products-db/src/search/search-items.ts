import { LIMITS } from '@everopen/contract';
import { SearchResponse, type SearchRequest } from '@everopen/contract/products';
import type { RowOf, Value } from '@everopen/replica';
import { itemMessage } from '../machine/messages.ts';
import type { ItemRow } from '../schema/items.ts';
import { readCursor, writeCursor, type SearchPoint } from './cursor.ts';
import type { Named, NamedQuery } from '../queries/named-query.ts';
import { TERMS_IN_RANGE } from './prefix-query.ts';
import { SEARCH_WORK, type SearchWork } from './search-limits.ts';
import { planSearch, type SearchPlan } from './search-plan.ts';
import { searchQuery, type SearchShape } from './search-query.ts';
import { keywordTerm, likePrefix, likeWord, nameTerm } from './terms.ts';

/** Asks the store, each time from at least the position of the time before. */
export type AskStore = (query: NamedQuery, values: Named) => Promise<RowOf[]>;

/** How to find the items of a plan: by which terms, or, if undefined, by looking through the newest. */
type Terms = readonly string[] | undefined;

/**
 * Searches the items that are for sale (M11). Ranked by the number of matching keywords, then newest, or
 * sorted as asked.
 *
 * The work of a page is bounded, however common its words are (`SEARCH_WORK`). What that means:
 *
 * - by default with one keyword or none, and sorted by newest, or by price without words, the search is complete: it
 *   may hand out a short page, even an empty one, with a cursor from which it goes on;
 * - several keywords, or words sorted by price, are ranked among the newest `rankedItems` that match.
 */
export async function searchItems(
  request: SearchRequest,
  ask: AskStore,
  work: SearchWork = SEARCH_WORK,
): Promise<SearchResponse> {
  const plan = planSearch(request);
  const cursor = readCursor(plan, request.cursor);
  const terms = await termsOf(plan, ask, work);
  if (terms?.length === 0) return { items: [], nextCursor: '' };
  const isRanking = terms !== undefined && plan.order !== 'newest';
  return isRanking ? rank(plan, terms, cursor, ask, work) : walk(plan, terms, cursor, ask, work);
}

async function termsOf(plan: SearchPlan, ask: AskStore, work: SearchWork): Promise<Terms> {
  if (plan.keywords.length > 0) return plan.keywords.map(keywordTerm);
  const [prefix] = plan.prefixes;
  if (prefix === undefined) return undefined;
  const first = nameTerm(prefix);
  const max = work.prefixWords + 1;
  const rows = await ask(TERMS_IN_RANGE, { first, end: `${first}\u{10ffff}`, max });
  const terms = rows.map((row) => row['term'] as string);
  // A prefix of many words is common: looking through the newest items finds it soon.
  return terms.length < max ? terms : undefined;
}

/** Rounds of a walk, until the page is full, the end is reached, or it has been work enough. */
async function walk(
  plan: SearchPlan,
  terms: Terms,
  cursor: SearchPoint | undefined,
  ask: AskStore,
  work: SearchWork,
): Promise<SearchResponse> {
  const shape = shapeOf(plan, 'walk', terms);
  const found: ItemRow[] = [];
  let from = cursor;
  for (let round = 0; round < work.walkRounds; round++) {
    const window = round === 0 ? work.firstWindow : work.walkWindow;
    const limit = plan.limit - found.length;
    const rows = await askSearch(plan, shape, terms, from, { window, limit }, ask);
    const page = itemsOf(rows);
    found.push(...page.map(({ item }) => item));
    const last = page.at(-1);
    const isFull = found.length === plan.limit;
    if (isFull && last !== undefined) {
      from = pointOf(plan, last);
      break;
    }
    from = edgeOf(rows);
    if (from === undefined) break;
  }
  const nextCursor = from === undefined ? '' : writeCursor(plan, from);
  return { items: found.map(itemMessage), nextCursor };
}

async function rank(
  plan: SearchPlan,
  terms: readonly string[],
  cursor: SearchPoint | undefined,
  ask: AskStore,
  work: SearchWork,
): Promise<SearchResponse> {
  const shape = shapeOf(plan, 'ranking', terms);
  const window = Math.floor(work.rankedItems / shape.branches);
  const rows = await askSearch(plan, shape, terms, cursor, { window, limit: plan.limit }, ask);
  const page = itemsOf(rows);
  const last = page.at(-1);
  const isLastPage = last === undefined || page.length < plan.limit;
  return {
    items: page.map(({ item }) => itemMessage(item)),
    nextCursor: isLastPage ? '' : writeCursor(plan, pointOf(plan, last)),
  };
}

/** Few shapes, so that few statements are kept prepared: unused branches ask for a term that nobody has. */
function shapeOf(plan: SearchPlan, kind: SearchShape['kind'], terms: Terms): SearchShape {
  const branches = terms === undefined ? 0 : (BRANCHES.find((count) => count >= terms.length) as number);
  return { kind, order: plan.order, branches, inCategory: plan.category !== undefined };
}

const BRANCHES = [1, 2, 3, 4, 5, 8, 16];

function askSearch(
  plan: SearchPlan,
  shape: SearchShape,
  terms: Terms,
  from: SearchPoint | undefined,
  page: { readonly window: number; readonly limit: number },
  ask: AskStore,
): Promise<RowOf[]> {
  const start = from ?? START[plan.order];
  const values: Record<string, Value> = {
    ...page,
    afterMajor: start.major,
    afterId: start.itemId,
    minPrice: plan.minPriceMinor,
    maxPrice: plan.maxPriceMinor,
    minCondition: plan.condition ?? 0,
    maxCondition: plan.condition ?? 9,
  };
  if (plan.category !== undefined) values['category'] = plan.category;
  fill(values, 'term', shape.branches, terms ?? [], '');
  fill(values, 'keyword', LIMITS.searchKeywords, plan.keywords.map(likeWord), '');
  fill(values, 'prefix', LIMITS.searchTextWords, plan.prefixes.map(likePrefix), '%');
  return ask(searchQuery(shape), values);
}

/** Before the first item of each order. */
const START: Readonly<Record<SearchPlan['order'], SearchPoint>> = {
  newest: { major: 0, itemId: Number.MAX_SAFE_INTEGER },
  relevance: { major: LIMITS.searchKeywords + 1, itemId: 0 },
  'price-ascending': { major: 0, itemId: 0 },
  'price-descending': { major: LIMITS.priceMaxMinor + 1, itemId: 0 },
};

function fill(
  values: Record<string, Value>,
  name: string,
  count: number,
  given: readonly string[],
  rest: string,
): void {
  for (let i = 0; i < count; i++) values[`${name}${i}`] = given[i] ?? rest;
}

interface Found {
  readonly item: ItemRow;
  readonly matches: number;
}

function itemsOf(rows: readonly RowOf[]): Found[] {
  return rows
    .filter((row) => row['item_id'] !== null)
    .map((row) => ({ item: row as unknown as ItemRow, matches: row['matches'] as number }));
}

function edgeOf(rows: readonly RowOf[]): SearchPoint | undefined {
  const row = rows[0];
  if (row === undefined || row['edge_id'] === null) return undefined;
  return { major: row['edge_major'] as number, itemId: row['edge_id'] as number };
}

function pointOf(plan: SearchPlan, { item, matches }: Found): SearchPoint {
  switch (plan.order) {
    case 'newest':
      return { major: 0, itemId: item.item_id };
    case 'relevance':
      return { major: matches, itemId: item.item_id };
    case 'price-ascending':
    case 'price-descending':
      return { major: item.price_minor, itemId: item.item_id };
  }
}
