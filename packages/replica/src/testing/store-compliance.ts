import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RowChange, RowOf, StoreQuery, TableSchema } from '../state/schema.ts';
import type { OpenStore, Store, StoreContext, TableRows } from '../store/store.ts';

export interface StoreUnderTest {
  readonly open: OpenStore;
  /** Whether what was written is there when the store is opened again. */
  readonly persistent: boolean;
  /** Whether the checks of columns are enforced. */
  readonly constrained: boolean;
  /** Removes everything. Called after each test, once its stores are closed. */
  dispose(): Promise<void>;
}

type Book = { id: number; title: string; price: number | null; cover: Uint8Array | null };
type Word = { word: string; book: number };

const BOOKS: TableSchema<Book> = {
  name: 'books',
  comment: 'Books',
  columns: {
    id: { type: 'integer', comment: 'number' },
    title: { type: 'text', comment: 'title' },
    price: { type: 'integer', nullable: true, check: 'price >= 0', comment: 'price' },
    cover: { type: 'bytes', nullable: true, comment: 'picture' },
  },
  primaryKey: ['id'],
  resident: true,
  storeIndexes: [['title', 'id']],
};
const WORDS: TableSchema<Word> = {
  name: 'words',
  comment: 'Words of titles',
  columns: { word: { type: 'text', comment: 'word' }, book: { type: 'integer', comment: 'book' } },
  primaryKey: ['word', 'book'],
  resident: false,
};
const TABLES = [BOOKS, WORDS] as unknown as readonly TableSchema[];
const [BOOK_TABLE, WORD_TABLE] = TABLES as readonly [TableSchema, TableSchema];
const CONTEXT: StoreContext = { cluster: 'test-cluster', epoch: 1, tables: TABLES };

const DEARER_THAN: StoreQuery<readonly [number, number]> = {
  name: 'books dearer than',
  sql: 'SELECT id, title FROM books WHERE price > ? ORDER BY price DESC, id LIMIT ?',
  reference: (rows, [price, limit]) =>
    (rows('books') as Book[])
      .filter((book) => (book.price ?? -1) > price)
      .sort((a, b) => (b.price ?? 0) - (a.price ?? 0) || a.id - b.id)
      .slice(0, limit)
      .map(({ id, title }) => ({ id, title })),
};

const book = (id: number, more: Partial<Book> = {}): Book => ({
  id,
  title: `Book ${id}`,
  price: id * 10,
  cover: null,
  ...more,
});
const put = (row: Book): RowChange => ({ table: BOOK_TABLE, key: [row.id], row });
const remove = (id: number): RowChange => ({ table: BOOK_TABLE, key: [id], row: undefined });
const word = (row: Word): RowChange => ({ table: WORD_TABLE, key: [row.word, row.book], row });

/**
 * What every store must do; each implementation runs it:
 *
 *     describeStoreCompliance('SQLite', async () => ({ open: sqliteStore({ path }), … }));
 */
export function describeStoreCompliance(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(`the ${name} store`, () => {
    let tested: StoreUnderTest;
    let store: Store;
    const reopen = async (context: StoreContext = CONTEXT): Promise<Store> => {
      await store.close();
      store = await tested.open(context);
      return store;
    };

    beforeEach(async () => {
      tested = await create();
      store = await tested.open(CONTEXT);
    });
    afterEach(async () => {
      await store.close();
      await tested.dispose();
    });

    it('begins empty at position 0', async () => {
      expect(store.position).toBe(0);
      expect(await all(store.rows(BOOK_TABLE))).toEqual([]);
    });

    it('writes rows and position together, inserting, replacing and deleting in order', async () => {
      await store.write(3, [put(book(1)), put(book(2)), put(book(3)), word({ word: 'a', book: 1 })]);
      await store.write(5, [
        put(book(2, { title: 'Second', price: null })),
        remove(3),
        put(book(4)),
        remove(4),
        remove(99),
        remove(1),
        put(book(1, { price: 7 })),
        word({ word: 'a', book: 1 }),
      ]);
      expect(store.position).toBe(5);
      expect(await all(store.rows(BOOK_TABLE))).toEqual([
        book(1, { price: 7 }),
        book(2, { title: 'Second', price: null }),
      ]);
      expect(await all(store.rows(WORD_TABLE))).toEqual([{ word: 'a', book: 1 }]);
    });

    it('moves its position also when no row has changed', async () => {
      await store.write(9, []);
      expect(store.position).toBe(9);
    });

    it('keeps every value exactly: big and negative integers, any text, empty and long bytes', async () => {
      const books = [
        book(1, { price: Number.MAX_SAFE_INTEGER, title: '' }),
        book(2, { title: 'äß漢🪑\n\t\'"\\', cover: new Uint8Array(0) }),
        book(3, { cover: Uint8Array.from({ length: 70_000 }, (_, i) => i & 0xff), price: 2 ** 31 }),
        book(-(2 ** 40), { title: 'x'.repeat(10_000), price: 0 }),
      ];
      await store.write(1, books.map(put));
      const kept = await all<Book>(store.rows(BOOK_TABLE));
      expect(kept).toEqual([books[3], books[0], books[1], books[2]]);
      expect(kept[2]?.cover).toBeInstanceOf(Uint8Array);
    });

    it('gives rows in primary-key order, texts by their bytes', async () => {
      const words = ['b', 'a', 'Z', 'é', 'ab', '\u{1f600}', '\uffee', ''];
      await store.write(
        1,
        words.flatMap((each) => [word({ word: each, book: 10 }), word({ word: each, book: 9 })]),
      );
      const sorted = words.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await all(store.rows(WORD_TABLE))).toEqual(
        sorted.flatMap((each) => [
          { word: each, book: 9 },
          { word: each, book: 10 },
        ]),
      );
    });

    it('answers a query as its reference implementation does', async () => {
      const books = Array.from({ length: 50 }, (_, i) =>
        book(i, { price: i % 7 === 0 ? null : (i * 37) % 11 }),
      );
      await store.write(1, books.map(put));
      for (const price of [-1, 0, 5, 11]) {
        const expected = DEARER_THAN.reference(() => books, [price, 10]);
        expect(await store.query(DEARER_THAN, [price, 10])).toEqual(expected);
      }
    });

    it('gives a snapshot of one position while writes go on', async () => {
      const books = Array.from({ length: 2500 }, (_, i) => book(i));
      await store.write(1, books.map(put));
      const snapshot = await store.snapshot();
      await store.write(2, [remove(0), put(book(1, { title: 'changed' })), put(book(9999))]);
      expect(snapshot.position).toBe(1);
      expect(await all(snapshot.rows(BOOK_TABLE))).toEqual(books);
      expect(await all(snapshot.rows(WORD_TABLE))).toEqual([]);
      await snapshot.release();
      expect((await all<Book>(store.rows(BOOK_TABLE)))[0]?.title).toBe('changed');
    });

    it('replaces everything at once', async () => {
      await store.write(4, [put(book(1)), word({ word: 'old', book: 1 })]);
      await store.replace(
        50,
        stream([
          { table: BOOK_TABLE, rows: [book(7)] },
          { table: BOOK_TABLE, rows: [book(8)] },
        ]),
      );
      expect(store.position).toBe(50);
      expect(await all(store.rows(BOOK_TABLE))).toEqual([book(7), book(8)]);
      expect(await all(store.rows(WORD_TABLE))).toEqual([]);
      await store.write(51, [put(book(9))]);
      expect(await all(store.rows(BOOK_TABLE))).toHaveLength(3);
    });

    it('is as it was when a replacement breaks off', async () => {
      await store.write(4, [put(book(1)), word({ word: 'old', book: 1 })]);
      const broken = async function* (): AsyncIterable<TableRows> {
        yield { table: BOOK_TABLE, rows: [book(7)] };
        throw new Error('the sender went away');
      };
      await expect(store.replace(50, broken())).rejects.toThrow('the sender went away');
      expect(store.position).toBe(4);
      expect(await all(store.rows(BOOK_TABLE))).toEqual([book(1)]);
      expect(await all(store.rows(WORD_TABLE))).toEqual([{ word: 'old', book: 1 }]);
      await store.write(5, [put(book(2))]);
      expect(store.position).toBe(5);
    });

    it('promises at a checkpoint no more than it has written', async () => {
      await store.write(1, [put(book(1))]);
      const durable = await store.checkpoint();
      expect(durable).toBe(tested.persistent ? 1 : 0);
      await store.write(2, [put(book(2))]);
      expect(await store.checkpoint()).toBe(tested.persistent ? 2 : 0);
    });

    it('refuses work once it is closed', async () => {
      await store.close();
      for (const work of [
        store.write(1, []),
        store.query(DEARER_THAN, [1, 1]),
        store.checkpoint(),
        store.snapshot(),
        all(store.rows(BOOK_TABLE)),
      ]) {
        await expect(work).rejects.toMatchObject({ code: 'Closed' });
      }
    });

    it('is there again, with its position, after it was closed', async ({ skip }) => {
      if (!tested.persistent) skip();
      await store.write(17, [put(book(1)), put(book(2))]);
      await reopen();
      expect(store.position).toBe(17);
      expect(await all(store.rows(BOOK_TABLE))).toEqual([book(1), book(2)]);
    });

    it('refuses to open for another cluster, epoch or set of tables', async ({ skip }) => {
      if (!tested.persistent) skip();
      await store.write(1, [put(book(1))]);
      await store.close();
      for (const wrong of [
        { ...CONTEXT, cluster: 'another' },
        { ...CONTEXT, epoch: 2 },
        { ...CONTEXT, tables: [BOOK_TABLE] },
      ]) {
        await expect(tested.open(wrong)).rejects.toMatchObject({ code: 'WrongCluster' });
      }
      store = await tested.open(CONTEXT);
      expect(await all(store.rows(BOOK_TABLE))).toEqual([book(1)]);
    });

    it('undoes a whole batch when one row breaks a constraint', async ({ skip }) => {
      if (!tested.constrained) skip();
      await store.write(1, [put(book(1))]);
      const bad = [put(book(2)), put(book(3, { price: -1 }))];
      await expect(store.write(2, bad)).rejects.toMatchObject({ code: 'Internal' });
      expect(store.position).toBe(1);
      expect(await all(store.rows(BOOK_TABLE))).toEqual([book(1)]);
      await store.write(2, [put(book(2))]);
      expect(store.position).toBe(2);
    });
  });
}

async function all<Row extends RowOf>(batches: AsyncIterable<readonly RowOf[]>): Promise<Row[]> {
  const rows: RowOf[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows as Row[];
}

async function* stream(tables: readonly TableRows[]): AsyncIterable<TableRows> {
  for (const each of tables) yield each;
}
