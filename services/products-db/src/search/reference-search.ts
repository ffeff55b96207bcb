import { LIMITS } from '@everopen/contract';
import type { RowOf } from '@everopen/replica';
import { ITEMS, type ItemRow } from '../schema/items.ts';
import type { ForSaleRow, SearchTermRow } from '../schema/search.ts';
import type { Named, RowsOf } from '../queries/named-query.ts';
import type { SearchOrder } from './search-plan.ts';
import type { SearchShape } from './search-query.ts';

interface Candidate {
  readonly itemId: number;
  readonly priceMinor: number;
  readonly matches: number;
}

/** What the SQL of a shape means, over plain rows: for tests, and for the store in memory. */
export function referenceSearch(shape: SearchShape, rows: RowsOf, values: Named): RowOf[] {
  const forSale = new Map(rows<ForSaleRow>('items_for_sale').map((row) => [row.item_id, row]));
  const window = values['window'] as number;
  const after: Candidate = {
    itemId: (values['afterId'] ?? 0) as number,
    priceMinor: (values['afterMajor'] ?? 0) as number,
    matches: (values['afterMajor'] ?? 0) as number,
  };
  const isWalk = shape.kind === 'walk';
  const inOrder = comparator(shape.order);
  const candidateOrder = comparator(isWalk ? shape.order : 'newest');

  const branches = candidateIds(shape, rows, values).map((ids) =>
    ids
      .map((id) => forSale.get(id) as ForSaleRow)
      .filter((row) => !shape.inCategory || row.category === values['category'])
      .map((row) => ({ itemId: row.item_id, priceMinor: row.price_minor, matches: 0 }))
      .filter((candidate) => !isWalk || inOrder(after, candidate) < 0)
      .toSorted(candidateOrder)
      .slice(0, window),
  );
  const ends = isWalk
    ? branches.filter((branch) => branch.length >= window).map((branch) => branch.at(-1) as Candidate)
    : [];
  const edge = ends.toSorted(inOrder)[0];

  const page = [...new Set(branches.flat().map((candidate) => candidate.itemId))]
    .map((id) => forSale.get(id) as ForSaleRow)
    .filter((row) => passes(row, values))
    .map((row) => ({
      itemId: row.item_id,
      priceMinor: row.price_minor,
      matches: shape.order === 'relevance' ? matchesOf(row, values) : 0,
    }))
    .filter((found) => (isWalk ? edge === undefined || inOrder(found, edge) <= 0 : inOrder(after, found) < 0))
    .toSorted(inOrder)
    .slice(0, values['limit'] as number);

  const items = new Map(rows<ItemRow>('items').map((row) => [row.item_id, row]));
  const edgeColumns = {
    edge_major: edge === undefined ? null : shape.order === 'newest' ? 0 : edge.priceMinor,
    edge_id: edge === undefined ? null : edge.itemId,
  };
  if (page.length === 0) return [{ ...edgeColumns, matches: null, ...NO_ITEM }];
  return page.map((found) => ({
    ...edgeColumns,
    matches: found.matches,
    ...(items.get(found.itemId) as ItemRow),
  }));
}

const NO_ITEM = Object.fromEntries(Object.keys(ITEMS.columns).map((column) => [column, null]));

/** The ids of each branch, in any order. */
function candidateIds(shape: SearchShape, rows: RowsOf, values: Named): number[][] {
  if (shape.branches === 0) {
    return [
      rows<ForSaleRow>('items_for_sale')
        .filter((row) => shape.order === 'newest' || isInPriceRange(row, values))
        .map((row) => row.item_id),
    ];
  }
  const terms = rows<SearchTermRow>('search_terms');
  return Array.from({ length: shape.branches }, (_, i) =>
    terms.filter((row) => row.term === values[`term${i}`]).map((row) => row.item_id),
  );
}

function comparator(order: SearchOrder): (a: Candidate, b: Candidate) => number {
  switch (order) {
    case 'newest':
      return (a, b) => b.itemId - a.itemId;
    case 'relevance':
      return (a, b) => b.matches - a.matches || b.itemId - a.itemId;
    case 'price-ascending':
      return (a, b) => a.priceMinor - b.priceMinor || a.itemId - b.itemId;
    case 'price-descending':
      return (a, b) => b.priceMinor - a.priceMinor || b.itemId - a.itemId;
  }
}

function passes(row: ForSaleRow, values: Named): boolean {
  const { condition, words } = row;
  return (
    isInPriceRange(row, values) &&
    condition >= (values['minCondition'] as number) &&
    condition <= (values['maxCondition'] as number) &&
    patterns('prefix', LIMITS.searchTextWords, values).every((pattern) => pattern.test(words))
  );
}

function isInPriceRange(row: ForSaleRow, values: Named): boolean {
  return (
    row.price_minor >= (values['minPrice'] as number) && row.price_minor <= (values['maxPrice'] as number)
  );
}

function matchesOf(row: ForSaleRow, values: Named): number {
  return patterns('keyword', LIMITS.searchKeywords, values).filter((pattern) => pattern.test(row.keywords))
    .length;
}

function patterns(name: string, count: number, values: Named): RegExp[] {
  return Array.from({ length: count }, (_, i) => likePattern(values[`${name}${i}`] as string));
}

/** SQL's LIKE with backslash as the escape, as a regular expression. */
function likePattern(like: string): RegExp {
  const source = like.replaceAll(/\\(.)|%|([^\\%])/gsu, (part, escaped?: string, plain?: string) =>
    part === '%' ? '.*' : ((escaped ?? plain) as string).replaceAll(/[$()*+./?[\\\]^{|}]/gu, '\\$&'),
  );
  return new RegExp(`^${source}$`, 'su');
}
