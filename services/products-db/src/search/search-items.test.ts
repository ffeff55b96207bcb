import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@everopen/contract';
import {
  Condition,
  ProductsCommand,
  SortOrder,
  type Item,
  type SearchRequest,
} from '@everopen/contract/products';
import { seededRandom, type Random } from '@everopen/core';
import { sqliteStore, type RowChange, type RowOf, type Store } from '@everopen/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShop, type ShopHarness } from '../../test/shop-harness.ts';
import type { RowsOf } from '../queries/named-query.ts';
import { SEARCH_WORK, type SearchWork } from './search-limits.ts';
import { searchItems, type AskStore } from './search-items.ts';
import { likePrefix, wordsOf } from './terms.ts';

const EVERYTHING: SearchRequest = {
  category: undefined,
  keywords: [],
  text: '',
  minPriceMinor: undefined,
  maxPriceMinor: undefined,
  condition: Condition.UNSPECIFIED,
  sort: SortOrder.UNSPECIFIED,
  limit: 10,
  cursor: '',
};

/** So small that random searches come to every border. */
const LITTLE_WORK: SearchWork = {
  firstWindow: 3,
  walkWindow: 7,
  walkRounds: 3,
  rankedItems: 1_000_000,
  prefixWords: 4,
};

const WORDS = [
  'red',
  'reed',
  'blue',
  'guitar',
  'guitars',
  'gui',
  'piano',
  'ÜBER',
  '50%',
  'a_b',
  '\u{1f3b8}x',
  'öl',
];
const KEYWORDS = ['red', 'blue', 'music', '50%', 'a_b', 'x\\y', 'öl', '\u{1f3b8}'];

function some(random: Random, words: readonly string[], max: number): string[] {
  return Array.from({ length: random.below(max + 1) }, () => random.pick(words));
}

describe('a search of the store', () => {
  let folder: string;
  let store: Store;
  let shop: ShopHarness;
  let rowsOf: RowsOf;

  /** Asks SQLite, and holds the reference implementation against it. */
  const ask: AskStore = async (named, values) => {
    const { query } = named;
    const parameters = named.bind(values);
    const rows = (await store.query(query, parameters)).map((row) => ({ ...row }));
    expect(rows, query.name).toEqual(query.reference(rowsOf, parameters));
    return rows as RowOf[];
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everopen-search-'));
    shop = openShop();
    store = await sqliteStore({ path: join(folder, 'store.db') })({
      cluster: 'test',
      epoch: 1,
      tables: shop.machine.tables.schemas,
    });
    const random = seededRandom(11);
    const changes: RowChange[] = [];
    const run = (command: ProductsCommand['command']): void => {
      const outcome = shop.harness.run(ProductsCommand.encode({ command }).finish());
      if (outcome.kind === 'answered') changes.push(...outcome.changes);
    };
    for (let i = 0; i < 300; i++) {
      run({
        $case: 'listItem',
        value: {
          sellerId: 1 + random.below(3),
          name: `${random.pick(WORDS)} ${some(random, WORDS, 2).join('-')}`,
          category: random.below(3),
          keywords: some(random, KEYWORDS, 4),
          condition: random.pick([Condition.NEW, Condition.USED]),
          priceMinor: 1 + random.below(20),
          currency: 'EUR',
          quantity: 1,
        },
      });
      const itemId = 1 + random.below(300);
      const sellerId = shop.machine.state.items.get(itemId)?.seller_id ?? 1;
      if (random.chance(0.3)) run({ $case: 'removeUnits', value: { sellerId, itemId, quantity: 1 } });
      if (random.chance(0.2)) run({ $case: 'changePrice', value: { sellerId, itemId, priceMinor: 5 } });
      if (random.chance(0.1)) run({ $case: 'addUnits', value: { sellerId, itemId, quantity: 1 } });
    }
    await store.write(shop.harness.position, changes);
    const tables = new Map(shop.machine.tables.schemas.map(({ name }) => [name, shop.harness.rows(name)]));
    rowsOf = ((table: string) => tables.get(table)) as RowsOf;
  });

  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** Every page of a search, to the end. */
  async function all(request: Partial<SearchRequest>, work = LITTLE_WORK): Promise<Item[]> {
    const found: Item[] = [];
    let cursor = '';
    do {
      const page = await searchItems({ ...EVERYTHING, ...request, cursor }, ask, work);
      expect(page.items.length).toBeLessThanOrEqual(request.limit ?? EVERYTHING.limit);
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== '');
    return found;
  }

  /** The same by looking at every item, without any index, window or SQL. */
  function expected(request: SearchRequest): Item[] {
    const keywords = new Set(request.keywords.map((keyword) => keyword.toLowerCase()));
    const prefixes = wordsOf(request.text);
    const matches = (item: Item): number => item.keywords.filter((keyword) => keywords.has(keyword)).length;
    const { category, condition, minPriceMinor, maxPriceMinor } = request;
    const items = Array.from(shop.machine.state.items.values(), (row) => shop.item(row.item_id));
    const newest = (a: Item, b: Item): number => b.itemId - a.itemId;
    const orders: Record<number, (a: Item, b: Item) => number> = {
      [SortOrder.UNSPECIFIED]: (a, b) => matches(b) - matches(a) || newest(a, b),
      [SortOrder.NEWEST]: newest,
      [SortOrder.PRICE_ASCENDING]: (a, b) => a.priceMinor - b.priceMinor || a.itemId - b.itemId,
      [SortOrder.PRICE_DESCENDING]: (a, b) => b.priceMinor - a.priceMinor || b.itemId - a.itemId,
    };
    return items
      .filter((item) => item.available > 0)
      .filter((item) => category === undefined || item.category === category)
      .filter((item) => condition === Condition.UNSPECIFIED || item.condition === condition)
      .filter((item) => item.priceMinor >= (minPriceMinor ?? 0))
      .filter((item) => item.priceMinor <= (maxPriceMinor ?? Infinity))
      .filter((item) => keywords.size === 0 || matches(item) > 0)
      .filter((item) => {
        const words = wordsOf(item.name);
        return prefixes.every((prefix) => words.some((word) => word.startsWith(prefix)));
      })
      .toSorted(orders[request.sort]);
  }

  it('M11: random searches, page by page, find what looking at every item finds, in SQLite as in the reference', async () => {
    const random = seededRandom(12);
    let found = 0;
    for (let run = 0; run < 120; run++) {
      const maybe = <T>(value: T): T | undefined => (random.chance(0.3) ? value : undefined);
      const request: SearchRequest = {
        ...EVERYTHING,
        category: maybe(random.below(4)),
        keywords: random.chance(0.5) ? some(random, KEYWORDS, 5) : [],
        text: random.chance(0.5)
          ? some(random, ['r', 're', 'gui', 'guitar', 'u', 'öl', '5', 'x', 'a b'], 2).join(' ')
          : '',
        minPriceMinor: maybe(random.below(10)),
        maxPriceMinor: maybe(10 + random.below(12)),
        condition: random.pick([0, 0, 1, 2] as const),
        sort: random.pick([0, 0, 1, 2, 3] as const),
        limit: 1 + random.below(20),
      };
      const ids = (items: Item[]): number[] => items.map((item) => item.itemId);
      const items = await all(request);
      expect(ids(items), JSON.stringify(request)).toEqual(ids(expected(request)));
      found += items.length;
    }
    expect(found).toBeGreaterThan(1_000);
  });

  it('M11: the items of a page are complete', async () => {
    const [item] = await all({ limit: 1 });
    expect(item).toEqual(shop.item((item as Item).itemId));
  });

  it('M11: with the work of production, one page has it all', async () => {
    const page = await searchItems({ ...EVERYTHING, text: 'gui', limit: 100 }, ask);
    expect(page.items).toHaveLength(Math.min(100, expected({ ...EVERYTHING, text: 'gui' }).length));
  });

  it('M11: two matches come before one, and the newest first among equals', async () => {
    const items = await all({ keywords: ['red', 'blue'] }, SEARCH_WORK);
    const ranks = items.map(
      (item) => item.keywords.filter((word) => word === 'red' || word === 'blue').length,
    );
    expect(new Set(ranks)).toEqual(new Set([2, 1]));
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
  });

  it('M11: a ranking looks at no more than its share of the newest items of each word', async () => {
    const work = { ...SEARCH_WORK, rankedItems: 10 };
    const items = await all({ keywords: ['red', 'blue'] }, work);
    expect(items.length).toBeLessThanOrEqual(10);
    expect(items.length).toBeGreaterThanOrEqual(5);
  });

  it('M11: a walk that finds nothing hands out a cursor after its share of work, and goes on from there', async () => {
    const work = { ...LITTLE_WORK, walkRounds: 1 };
    const first = await searchItems({ ...EVERYTHING, minPriceMinor: 1_000 }, ask, work);
    expect(first.items).toEqual([]);
    expect(first.nextCursor).not.toBe('');
    expect(await all({ minPriceMinor: 1_000 }, work)).toEqual([]);
  });

  const refusals: [what: string, change: Partial<SearchRequest>, field: string][] = [
    ['6 keywords', { keywords: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'keywords'],
    ['a keyword of 9 characters', { keywords: ['ninechars'] }, 'keywords[0]'],
    ['category 10', { category: 10 }, 'category'],
    ['6 words', { text: 'a b c d e f' }, 'text'],
    ['a text of 65 characters', { text: 'x'.repeat(LIMITS.searchTextMaxChars + 1) }, 'text'],
    ['a control character', { text: 'a\u0000' }, 'text'],
    ['a price beyond the limit', { maxPriceMinor: LIMITS.priceMaxMinor + 1 }, 'max_price_minor'],
    ['an empty price range', { minPriceMinor: 2, maxPriceMinor: 1 }, 'max_price_minor'],
    ['an unknown condition', { condition: 3 as Condition }, 'condition'],
    ['an unknown sort order', { sort: 4 as SortOrder }, 'sort'],
    ['a page of 101', { limit: 101 }, 'limit'],
    ['a cursor that is none', { cursor: 'next' }, 'cursor'],
    ['a cursor that was cut', { cursor: 'AQAAAAAAAAAAAAAAAAAA' }, 'cursor'],
  ];
  it.each(refusals)('M11: %s is refused, the field named', async (_, change, field) => {
    const error = await searchItems({ ...EVERYTHING, ...change }, ask).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'InvalidArgument', details: { field } });
  });

  it('M11: a cursor works for the search that gave it and no other, and not after a change of any byte', async () => {
    const { nextCursor } = await searchItems({ ...EVERYTHING, limit: 5 }, ask);
    expect((await searchItems({ ...EVERYTHING, limit: 7, cursor: nextCursor }, ask)).items).toHaveLength(7);
    const refused = { code: 'InvalidArgument', details: { field: 'cursor' } };
    await expect(searchItems({ ...EVERYTHING, category: 1, cursor: nextCursor }, ask)).rejects.toMatchObject(
      refused,
    );
    for (let i = 0; i < nextCursor.length; i++) {
      const other = nextCursor[i] === 'A' ? 'B' : 'A';
      const cursor = nextCursor.slice(0, i) + other + nextCursor.slice(i + 1);
      await expect(searchItems({ ...EVERYTHING, cursor }, ask)).rejects.toMatchObject(refused);
    }
  });

  it('M11: percent, underscore and backslash are characters like others', () => {
    expect(likePrefix('5%_\\')).toBe('% 5\\%\\_\\\\%');
  });
});
