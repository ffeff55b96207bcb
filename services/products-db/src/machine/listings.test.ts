import { LIMITS } from '@everopen/contract';
import { Condition, type ListItemRequest } from '@everopen/contract/products';
import { describe, expect, it } from 'vitest';
import { GUITAR, openShop } from '../../test/shop-harness.ts';
import { checkListing } from '../validation/listing.ts';
import { listItem } from './listings.ts';

describe('listing an item', () => {
  it('M7: gives out ids in order, and the item can be searched', () => {
    const shop = openShop();
    expect(shop.list().item).toMatchObject({
      itemId: 1,
      name: 'Red electric guitar',
      keywords: ['guitar', 'music'],
      available: 10,
      initial: 10,
      listedAtUnixMs: shop.harness.nowMs,
    });
    expect(shop.list({ name: 'Piano' }).item?.itemId).toBe(2);
    expect(shop.harness.rows('items_for_sale').map((row) => row['item_id'])).toEqual([1, 2]);
    expect(shop.harness.rows('search_terms').filter((row) => row['item_id'] === 1)).toEqual(
      ['k:guitar', 'k:music', 'w:electric', 'w:guitar', 'w:red'].map((term) => ({
        term,
        item_id: 1,
        category: 3,
      })),
    );
  });

  const refusals: [what: string, change: Partial<ListItemRequest>, field: string][] = [
    ['an empty name', { name: '' }, 'name'],
    ['a name of blanks', { name: '  ' }, 'name'],
    ['a name of 33 characters', { name: 'x'.repeat(33) }, 'name'],
    ['a control character', { name: 'a\u0007b' }, 'name'],
    ['a line break', { name: 'a\nb' }, 'name'],
    ['a character that is not assigned', { name: 'a\u0378' }, 'name'],
    ['a mark that turns the text around', { name: 'a\u202eb' }, 'name'],
    ['category 10', { category: 10 }, 'category'],
    ['six keywords', { keywords: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'keywords'],
    ['a keyword of 9 characters', { keywords: ['ok', 'ninechars'] }, 'keywords[1]'],
    ['an empty keyword', { keywords: [''] }, 'keywords[0]'],
    ['a keyword of two words', { keywords: ['a b'] }, 'keywords[0]'],
    ['no condition', { condition: Condition.UNSPECIFIED }, 'condition'],
    ['an unknown condition', { condition: 3 as Condition }, 'condition'],
    ['price 0', { priceMinor: 0 }, 'price_minor'],
    ['a price beyond the limit', { priceMinor: LIMITS.priceMaxMinor + 1 }, 'price_minor'],
    ['an unknown currency', { currency: 'XXX' }, 'currency'],
    ['a currency that is a property of every object', { currency: 'constructor' }, 'currency'],
    ['quantity 0', { quantity: 0 }, 'quantity'],
    ['a quantity beyond the limit', { quantity: LIMITS.unitsPerItem + 1 }, 'quantity'],
    ['no seller', { sellerId: 0 }, 'seller_id'],
  ];
  it.each(refusals)('M7: %s is refused, the field named, and nothing changes', (_, change, field) => {
    const shop = openShop();
    const error = shop.refused('InvalidArgument', () => shop.list(change));
    expect(error.details['field']).toBe(field);
  });

  it('M7: everything at its limit is accepted, counted in characters, not in bytes', () => {
    const shop = openShop();
    const { item } = shop.list({
      name: '🎸'.repeat(32),
      category: 9,
      keywords: ['gîtârrëß', 'b', 'c', 'd', '5%_\\x'],
      priceMinor: LIMITS.priceMaxMinor,
      quantity: LIMITS.unitsPerItem,
    });
    expect(item?.keywords).toHaveLength(5);
  });

  it('M7: keywords are folded, normalised and without repetition', () => {
    const shop = openShop();
    const { item } = shop.list({ keywords: ['Guitar', 'GUITAR', 'u\u0308ber', '\u00fcber', 'ΟΔΟΣ'] });
    expect(item?.keywords).toEqual(['guitar', '\u00fcber', 'οδοσ']);
  });

  it.each([-1, 1.5, NaN, 2 ** 53, '7'])('M7: %o is no quantity', (quantity) => {
    expect(() => checkListing({ ...GUITAR, quantity: quantity as number })).toThrow('quantity must be');
  });

  it('M7: half a surrogate pair is no text', () => {
    expect(() => checkListing({ ...GUITAR, name: 'a\ud83d' })).toThrow('not well-formed');
  });

  it('M7: a seller is stopped at the limit of items', () => {
    const shop = openShop();
    const full = { items_listed: LIMITS.itemsPerSeller, units_sold: 0, orders_paid: 0 };
    shop.machine.tables.load('sellers', { seller_id: 7, ...full });
    expect(() => listItem(shop.machine.state, GUITAR, { position: 1, nowMs: 0, featureLevel: 0 })).toThrow(
      `at most ${LIMITS.itemsPerSeller} items`,
    );
  });

  it('M9: an equal listing grows instead', () => {
    const shop = openShop();
    shop.list();
    const again = shop.list({ keywords: ['Guitar', 'music', 'guitar'], quantity: 5 });
    expect(again).toMatchObject({ merged: true, item: { itemId: 1, available: 15, initial: 10, added: 5 } });
    expect(shop.harness.rows('items')).toHaveLength(1);
  });

  const differences: Partial<ListItemRequest>[] = [
    { sellerId: 8 },
    { name: 'Red electric guitar 2' },
    { category: 4 },
    { keywords: ['music'] },
    { condition: Condition.NEW },
    { priceMinor: 25_001 },
    { currency: 'USD' },
  ];
  it.each(differences)('M9: a listing with another %o is another item', (difference) => {
    const shop = openShop();
    shop.list();
    expect(shop.list(difference)).toMatchObject({ merged: false, item: { itemId: 2 } });
  });

  it('M9: two items that become equal by a change of price stay two; the older one grows', () => {
    const shop = openShop();
    shop.list();
    shop.list({ priceMinor: 1 });
    shop.changePrice(GUITAR.sellerId, 2, GUITAR.priceMinor);
    expect(shop.list({ quantity: 1 })).toMatchObject({ merged: true, item: { itemId: 1, available: 11 } });
    expect(shop.item(2).available).toBe(10);
  });

  it('M9: an equal listing brings a delisted item back', () => {
    const shop = openShop();
    shop.list();
    shop.removeUnits(7, 1, 10);
    expect(shop.harness.rows('search_terms')).toEqual([]);
    expect(shop.list({ quantity: 2 })).toMatchObject({ merged: true, item: { itemId: 1, available: 2 } });
    expect(shop.harness.rows('items_for_sale')).toHaveLength(1);
  });

  it('M9: an item does not grow beyond the limit of units', () => {
    const shop = openShop();
    shop.list({ quantity: LIMITS.unitsPerItem });
    const error = shop.refused('QuotaExceeded', () => shop.list({ quantity: 1 }));
    expect(error.details).toMatchObject({ limit: 'unitsPerItem', room: 0 });
  });
});

describe('changing an item', () => {
  it('M8: the price changes, in the search too', () => {
    const shop = openShop();
    shop.list();
    expect(shop.changePrice(7, 1, 99).priceMinor).toBe(99);
    expect(shop.harness.rows('items_for_sale')[0]).toMatchObject({ price_minor: 99 });
  });

  it('M8: only the owner may change price or units', () => {
    const shop = openShop();
    shop.list();
    shop.refused('NotOwner', () => shop.changePrice(8, 1, 99));
    shop.refused('NotOwner', () => shop.addUnits(8, 1, 1));
    shop.refused('NotOwner', () => shop.removeUnits(8, 1, 1));
  });

  it('M8: an unknown item is NotFound', () => {
    const shop = openShop();
    shop.refused('NotFound', () => shop.changePrice(7, 1, 99));
  });

  it('M8: units come and go; removing more than is left is refused with what is left', () => {
    const shop = openShop();
    shop.list();
    expect(shop.addUnits(7, 1, 5)).toMatchObject({ available: 15, added: 5 });
    expect(shop.removeUnits(7, 1, 4)).toMatchObject({ available: 11, removed: 4 });
    const error = shop.refused('NotEnoughUnits', () => shop.removeUnits(7, 1, 12));
    expect(error.details).toEqual({ itemId: 1, requested: 12, available: 11 });
  });

  it('M8: with 0 left the item is delisted: not found by a search, still there', () => {
    const shop = openShop();
    shop.list();
    shop.removeUnits(7, 1, 10);
    expect(shop.harness.rows('items_for_sale')).toEqual([]);
    expect(shop.harness.rows('search_terms')).toEqual([]);
    expect(shop.item(1)).toMatchObject({ available: 0, removed: 10 });
    shop.addUnits(7, 1, 1);
    expect(shop.harness.rows('items_for_sale')).toHaveLength(1);
  });

  it('M8: reserved units cannot be removed, and count towards the limit', () => {
    const shop = openShop();
    shop.list();
    shop.place(shop.key(), 1, [{ itemId: 1, quantity: 4, unitPriceMinor: 25_000 }]);
    shop.refused('NotEnoughUnits', () => shop.removeUnits(7, 1, 7));
    shop.refused('QuotaExceeded', () => shop.addUnits(7, 1, LIMITS.unitsPerItem - 9));
    expect(shop.addUnits(7, 1, LIMITS.unitsPerItem - 10).available).toBe(LIMITS.unitsPerItem - 4);
  });
});

describe('a log that holds nonsense', () => {
  it.each([
    ['an empty command', new Uint8Array()],
    ['a command of tomorrow', Uint8Array.of(0xfa, 0x07, 0)],
    ['bytes that are no message', Uint8Array.of(0xff, 0xff, 0xff)],
    ['a number that is not safe', Uint8Array.of(0x12, 10, 8, 255, 255, 255, 255, 255, 255, 255, 255, 127)],
  ])('%s is refused, not trusted', (_, bytes) => {
    const shop = openShop();
    expect(shop.harness.refusal(bytes).code).toBe('InvalidArgument');
  });
});

describe('ratings', () => {
  it('M18: each number counts once, in order', () => {
    const shop = openShop();
    shop.list();
    expect(shop.feedback(1, 1, true)).toBe(1);
    expect(shop.feedback(1, 1, true)).toBe(1);
    expect(shop.feedback(2, 1, false)).toBe(2);
    expect(shop.feedback(1, 1, false)).toBe(2);
    expect(shop.item(1)).toMatchObject({ thumbsUp: 1, thumbsDown: 1 });
  });

  it('M18: a gap is refused, and so is an unknown item', () => {
    const shop = openShop();
    shop.list();
    const error = shop.refused('InvalidArgument', () => shop.feedback(2, 1, true));
    expect(error.details).toEqual({ field: 'feedback_number', countedUpTo: 0 });
    shop.refused('NotFound', () => shop.feedback(1, 2, true));
  });
});
