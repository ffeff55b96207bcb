import { isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TableSchema, Value } from './schema.ts';
import { Tables } from './tables.ts';

type Item = { id: number; seller: string; name: string; price: number | null; code: Uint8Array | null };
const ITEMS: TableSchema<Item> = {
  name: 'items',
  comment: 'What is for sale',
  columns: {
    id: { type: 'integer', comment: 'number' },
    seller: { type: 'text', comment: 'who sells' },
    name: { type: 'text', comment: 'name' },
    price: { type: 'integer', nullable: true, comment: 'price' },
    code: { type: 'bytes', nullable: true, comment: 'code' },
  },
  primaryKey: ['id'],
  resident: true,
};
type Line = { buyer: number; item: string; units: number };
const LINES: TableSchema<Line> = {
  name: 'lines',
  comment: 'What is in carts',
  columns: {
    buyer: { type: 'integer', comment: 'whose' },
    item: { type: 'text', comment: 'what' },
    units: { type: 'integer', comment: 'how many' },
  },
  primaryKey: ['buyer', 'item'],
  resident: true,
};
const WORDS: TableSchema<{ word: string; item: number }> = {
  name: 'words',
  comment: 'Search',
  columns: { word: { type: 'text', comment: 'word' }, item: { type: 'integer', comment: 'where' } },
  primaryKey: ['word', 'item'],
  resident: false,
};

function shop() {
  const tables = new Tables();
  const items = tables.resident(ITEMS);
  const lines = tables.resident(LINES);
  const words = tables.stored(WORDS);
  const itemsBySeller = tables.index(items, (item) => (item.price === null ? undefined : item.seller));
  const linesByBuyer = tables.index(lines, (line) => line.buyer);
  return { tables, items, lines, words, itemsBySeller, linesByBuyer };
}

const item = (id: number, seller = 'ann', price: number | null = 100): Item => ({
  id,
  seller,
  name: `item ${id}`,
  price,
  code: null,
});

describe('Tables', () => {
  it('finds rows by an integer, a text and a composite primary key', () => {
    const { tables, items, lines } = shop();
    tables.begin();
    items.put(item(7));
    lines.put({ buyer: 1, item: '2', units: 3 });
    lines.put({ buyer: 12, item: '', units: 4 });
    expect(tables.commit().map((change) => [change.table.name, change.key])).toEqual([
      ['items', [7]],
      ['lines', [1, '2']],
      ['lines', [12, '']],
    ]);
    expect(items.get(7)?.name).toBe('item 7');
    expect(lines.get(1, '2')?.units).toBe(3);
    expect(lines.get(12, '')?.units).toBe(4);
    expect(lines.get(1, '')).toBeUndefined();
    expect(tables.counts()).toEqual({ items: 1, lines: 2 });
  });

  it('gives the rows of an index in primary-key order, however they came', () => {
    const { tables, items, itemsBySeller } = shop();
    tables.begin();
    for (const id of [5, 3, 9, 1]) items.put(item(id));
    items.put(item(4, 'bob'));
    items.put(item(6, 'ann', null));
    expect(itemsBySeller.get('ann').map((row) => row.id)).toEqual([1, 3, 5, 9]);
    items.put(item(3, 'bob'));
    items.delete(9);
    expect(itemsBySeller.get('ann').map((row) => row.id)).toEqual([1, 5]);
    expect(itemsBySeller.get('bob').map((row) => row.id)).toEqual([3, 4]);
    expect([itemsBySeller.count('ann'), itemsBySeller.count('eve')]).toEqual([2, 0]);
  });

  it('lets a command go through the rows of an index while it changes them', () => {
    const { tables, lines, linesByBuyer } = shop();
    tables.begin();
    for (const name of ['a', 'b', 'c', 'd']) lines.put({ buyer: 1, item: name, units: 1 });
    const seen: string[] = [];
    for (const line of linesByBuyer.get(1)) {
      seen.push(line.item);
      lines.delete(1, line.item);
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    expect(linesByBuyer.get(1)).toEqual([]);
  });

  it('takes back everything a refused command did: rows, indexes, stored rows, digest', () => {
    const { tables, items, lines, words, itemsBySeller } = shop();
    tables.begin();
    for (const id of [1, 2, 3]) items.put(item(id));
    words.insert({ word: 'chair', item: 1 });
    tables.commit();
    const before = { digest: tables.digest(), rows: [...items.values()] };
    tables.begin();
    items.put(item(2, 'bob'));
    items.delete(1);
    items.put(item(1, 'eve', 5));
    items.put(item(4));
    items.delete(4);
    lines.put({ buyer: 1, item: 'x', units: 1 });
    words.replace({ word: 'chair', item: 1 }, { word: 'chair', item: 1 });
    words.delete({ word: 'chair', item: 1 });
    tables.rollback();
    expect(tables.digest()).toBe(before.digest);
    expect([...items.values()].sort((a, b) => a.id - b.id)).toEqual(before.rows);
    expect(lines.size).toBe(0);
    expect(itemsBySeller.get('ann').map((row) => row.id)).toEqual([1, 2, 3]);
    expect(itemsBySeller.get('bob')).toEqual([]);
  });

  it('gives away the list of changes: what a caller adds to it is not undone later', () => {
    const { tables, items } = shop();
    tables.begin();
    const none = tables.commit();
    none.push({ table: ITEMS as unknown as TableSchema, key: [1], row: item(1) });
    tables.begin();
    items.put(item(2));
    tables.rollback();
    expect(items.size).toBe(0);
  });

  it('has the same digest for the same rows, whatever the way there', () => {
    const a = shop();
    const b = shop();
    a.tables.begin();
    for (const id of [1, 2, 3]) a.items.put(item(id));
    a.items.put(item(2, 'bob', 1));
    a.items.delete(3);
    a.words.insert({ word: 'chair', item: 1 });
    a.tables.commit();
    b.tables.load('words', { word: 'chair', item: 1 });
    b.tables.load('items', { ...item(2, 'bob', 1) });
    expect(b.tables.digest()).not.toBe(a.tables.digest());
    b.tables.load('items', { code: null, price: 100, name: 'item 1', seller: 'ann', id: 1 });
    expect(b.tables.digest()).toBe(a.tables.digest());
    b.tables.setTableDigest('words', '0'.repeat(16));
    b.tables.setTableDigest('words', a.tables.tableDigest('words'));
    expect(b.tables.digest()).toBe(a.tables.digest());
    b.tables.clear();
    expect(b.tables.digest()).toBe('0'.repeat(16));
  });

  it('refuses text that a store could not keep, and leaves nothing behind', () => {
    for (const bad of ['nul\u0000', '\u0000', 'half \ud800 pair', 'a\udc00']) {
      const { tables, items } = shop();
      tables.begin();
      const digest = tables.digest();
      expect(() => items.put({ ...item(1), name: bad })).toThrow(
        expect.objectContaining({ code: 'InvalidArgument', details: { field: 'name', table: 'items' } }),
      );
      expect([items.size, tables.digest(), tables.commit()]).toEqual([0, digest, []]);
    }
    const { tables, items } = shop();
    tables.begin();
    items.put({ ...item(1), name: 'whole pair 🪑' });
    expect(items.size).toBe(1);
  });

  it('treats a row of the wrong type as a bug, not as a refusal', () => {
    const wrong: Record<string, Value | undefined>[] = [
      { price: 1.5 },
      { price: 2 ** 53 },
      { seller: null },
      { name: 1 },
      { name: undefined },
      { code: 'text' },
    ];
    for (const column of wrong) {
      const { tables, items } = shop();
      tables.begin();
      let thrown: unknown;
      try {
        items.put({ ...item(1), ...column } as Item);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(TypeError);
      expect(isCodedError(thrown)).toBe(false);
    }
  });

  it('changes rows only between begin and commit', () => {
    const { tables, items } = shop();
    expect(() => items.put(item(1))).toThrow('by commands only');
    expect(() => tables.commit()).toThrow('No command');
    tables.begin();
    expect(() => tables.begin()).toThrow('already');
  });

  it('agrees with a plain model under any sequence of commands, some of them refused', () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 6 }),
      seller: fc.constantFrom('ann', 'bob', '\u{1f600}', '\uffff'),
      price: fc.option(fc.integer({ min: -3, max: 2 ** 40 })),
      remove: fc.boolean(),
    });
    const command = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 8 }),
      refused: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
        const { tables, items, itemsBySeller } = shop();
        let model = new Map<number, Item>();
        for (const { steps, refused } of commands) {
          const next = new Map(model);
          tables.begin();
          for (const { id, seller, price, remove } of steps) {
            if (remove) items.delete(id);
            else items.put(item(id, seller, price));
            if (remove) next.delete(id);
            else next.set(id, item(id, seller, price));
          }
          if (refused) tables.rollback();
          else {
            tables.commit();
            model = next;
          }
        }
        const rows = [...model.values()].sort((a, b) => a.id - b.id);
        expect([...items.values()].sort((a, b) => a.id - b.id)).toEqual(rows);
        for (const seller of ['ann', 'bob', '\u{1f600}', '\uffff']) {
          const own = rows.filter((row) => row.seller === seller && row.price !== null);
          expect(itemsBySeller.get(seller)).toEqual(own);
          expect(itemsBySeller.count(seller)).toBe(own.length);
        }
        const fresh = shop();
        for (const row of rows) fresh.tables.load('items', row);
        expect(fresh.tables.digest()).toBe(tables.digest());
      }),
      { numRuns: 200 },
    );
  });
});
