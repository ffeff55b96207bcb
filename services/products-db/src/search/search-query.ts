import { LIMITS } from '@everopen/contract';
import { ITEMS } from '../schema/items.ts';
import { namedQuery, type NamedQuery } from '../queries/named-query.ts';
import { referenceSearch } from './reference-search.ts';
import type { SearchOrder } from './search-plan.ts';

/**
 * How one question to the store looks at items. Every shape reads a bounded number of rows, by an index:
 *
 * - a *walk* goes through candidates in the order of the answer, `window` rows of each branch from the
 *   cursor on, and hands out what passes the filters. Each row of the answer says (`edge_major`, `edge_id`)
 *   how far the walk looked, or NULL if it saw the last; if nothing passed, one row says just that. The next
 *   walk goes on from there, so a walk is complete, however long;
 * - a *ranking* takes the `window` newest items of each branch, and orders these.
 */
export interface SearchShape {
  readonly kind: 'walk' | 'ranking';
  readonly order: SearchOrder;
  /** 0: everything that is for sale; otherwise the number of terms, of which an item must have one. */
  readonly branches: number;
  readonly inCategory: boolean;
}

const queries = new Map<string, NamedQuery>();

/** The query of a shape: made once, so that stores can keep it prepared. */
export function searchQuery(shape: SearchShape): NamedQuery {
  const name = `search_${shape.kind}_${shape.order}_${shape.branches}_${shape.inCategory ? 'category' : 'all'}`;
  let query = queries.get(name);
  if (query === undefined) {
    const sql = sqlOf(shape);
    query = namedQuery({ name, sql, reference: (rows, values) => referenceSearch(shape, rows, values) });
    queries.set(name, query);
  }
  return query;
}

const ITEM_COLUMNS = Object.keys(ITEMS.columns)
  .map((column) => `i.${column}`)
  .join(', ');

const MATCHES = Array.from(
  { length: LIMITS.searchKeywords },
  (_, i) => `CASE WHEN s.keywords LIKE :keyword${i} ESCAPE '\\' THEN 1 ELSE 0 END`,
).join(' + ');

const FILTERS = [
  's.price_minor BETWEEN :minPrice AND :maxPrice',
  's.condition BETWEEN :minCondition AND :maxCondition',
  ...Array.from({ length: LIMITS.searchTextWords }, (_, i) => `s.words LIKE :prefix${i} ESCAPE '\\'`),
].join(' AND ');

/** The order of the answer, and what comes after the cursor in it. `m`: sort key and id. */
const ORDERS: Readonly<Record<SearchOrder, { by: string; after: string }>> = {
  newest: { by: 'm.item_id DESC', after: 'm.item_id < :afterId' },
  relevance: {
    by: 'm.matches DESC, m.item_id DESC',
    after: '(m.matches < :afterMajor OR (m.matches = :afterMajor AND m.item_id < :afterId))',
  },
  'price-ascending': {
    by: 'm.price_minor, m.item_id',
    after: '(m.price_minor, m.item_id) > (:afterMajor, :afterId)',
  },
  'price-descending': {
    by: 'm.price_minor DESC, m.item_id DESC',
    after: '(m.price_minor, m.item_id) < (:afterMajor, :afterId)',
  },
};

function sqlOf(shape: SearchShape): string {
  const order = ORDERS[shape.order];
  const isWalk = shape.kind === 'walk';
  const within = isWalk ? `AND ${insideEdge(shape.order)}` : `AND ${order.after}`;
  return `
    WITH candidate AS (
      ${candidates(shape)}
    ), edge AS (
      ${isWalk ? edge(shape) : 'SELECT 0 AS edge_major, 0 AS edge_id WHERE 1 = 0'}
    ), page AS (
      SELECT m.item_id, m.price_minor, m.matches
      FROM (
        SELECT s.item_id, s.price_minor, ${shape.order === 'relevance' ? MATCHES : '0'} AS matches
        FROM (SELECT DISTINCT item_id FROM candidate) AS c
        JOIN items_for_sale AS s ON s.item_id = c.item_id
        WHERE ${FILTERS}
      ) AS m
      WHERE 1 = 1 ${within}
      ORDER BY ${order.by}
      LIMIT :limit
    )
    SELECT e.edge_major, e.edge_id, m.matches, ${ITEM_COLUMNS}
    FROM (SELECT 1 AS one) AS always
    LEFT JOIN edge AS e ON 1 = 1
    LEFT JOIN page AS m ON 1 = 1
    LEFT JOIN items AS i ON i.item_id = m.item_id
    ORDER BY ${order.by}`;
}

/** The rows that are looked at: bounded by `window` in each branch, and read in the order of an index. */
function candidates(shape: SearchShape): string {
  const inCategory = shape.inCategory ? 'm.category = :category AND ' : '';
  const { by, after } = ORDERS[shape.kind === 'walk' ? shape.order : 'newest'];
  const from = shape.kind === 'walk' ? after : '1 = 1';
  if (shape.branches === 0) {
    const inRange = shape.order === 'newest' ? '' : 'm.price_minor BETWEEN :minPrice AND :maxPrice AND ';
    return `SELECT m.item_id, m.price_minor, 0 AS branch FROM items_for_sale AS m
      WHERE ${inCategory}${inRange}${from} ORDER BY ${by} LIMIT :window`;
  }
  return Array.from(
    { length: shape.branches },
    (_, i) => `SELECT item_id, 0 AS price_minor, ${i} AS branch FROM (
      SELECT m.item_id FROM search_terms AS m
      WHERE m.term = :term${i} AND ${inCategory}${from} ORDER BY ${by} LIMIT :window) AS branch${i}`,
  ).join('\n      UNION ALL ');
}

/** How far a walk has looked; no row if it has seen the last candidate of every branch. */
function edge(shape: SearchShape): string {
  if (shape.order === 'newest') {
    return `SELECT 0 AS edge_major, MAX(last) AS edge_id
      FROM (SELECT MIN(item_id) AS last FROM candidate GROUP BY branch HAVING COUNT(*) >= :window) AS ends
      HAVING MAX(last) IS NOT NULL`;
  }
  const backwards =
    shape.order === 'price-ascending' ? 'price_minor DESC, item_id DESC' : 'price_minor, item_id';
  return `SELECT price_minor AS edge_major, item_id AS edge_id FROM candidate
      WHERE (SELECT COUNT(*) FROM candidate) >= :window ORDER BY ${backwards} LIMIT 1`;
}

/** Branches that reach further than the shortest are cut there: beyond it, items would be left out. */
function insideEdge(order: SearchOrder): string {
  return order === 'newest' ? 'm.item_id >= COALESCE((SELECT edge_id FROM edge), 0)' : '1 = 1';
}
