import { LIMITS } from '@everopen/contract';
import { describe, expect, it } from 'vitest';
import { demoCatalogue } from './catalogue.ts';

const catalogue = demoCatalogue('EUR');
const items = catalogue.flatMap((stock) => stock.items);

describe('the demonstration catalogue', () => {
  it('has a few hundred items over all categories, and something from every seller', () => {
    expect(items.length).toBeGreaterThan(300);
    for (let category = 0; category < LIMITS.categories; category++) {
      expect(items.filter((item) => item.category === category).length).toBeGreaterThan(25);
    }
    for (const { seller, items: own } of catalogue) expect(own.length, seller.username).toBeGreaterThan(3);
  });

  it('keeps every limit of the shop', () => {
    for (const item of items) {
      expect(item.name.length, item.name).toBeLessThanOrEqual(LIMITS.itemNameMaxChars);
      expect(item.name).toBe(item.name.trim());
      expect(item.keywords.length, item.name).toBeGreaterThanOrEqual(1);
      expect(item.keywords.length, item.name).toBeLessThanOrEqual(LIMITS.keywordsPerItem);
      expect(new Set(item.keywords).size, item.name).toBe(item.keywords.length);
      for (const keyword of item.keywords) {
        expect(keyword, item.name).toMatch(/^[a-z-]+$/);
        expect(keyword.length, `${item.name}: ${keyword}`).toBeLessThanOrEqual(LIMITS.keywordMaxChars);
      }
      expect(Number.isSafeInteger(item.priceMinor) && item.priceMinor > 0, item.name).toBe(true);
      expect(item.quantity).toBeGreaterThanOrEqual(1);
    }
    for (const { seller } of catalogue) {
      expect(seller.displayName.length).toBeLessThanOrEqual(LIMITS.displayNameMaxChars);
      expect(seller.username).toMatch(/^[a-z-]{1,32}$/);
    }
  });

  it('lists no product twice', () => {
    expect(new Set(items.map(({ name, category }) => `${category} ${name}`)).size).toBe(items.length);
    expect(new Set(catalogue.map(({ seller }) => seller.username)).size).toBe(catalogue.length);
  });

  it('is the same for everybody', () => {
    expect(demoCatalogue('EUR')).toEqual(catalogue);
  });

  it('asks for whole yen, and more of them', () => {
    const yen = demoCatalogue('JPY').flatMap((stock) => stock.items);
    expect(yen.every(({ priceMinor }) => priceMinor % 100 === 0 && priceMinor >= 100)).toBe(true);
  });

  it('has new and used things', () => {
    const used = items.filter(({ condition }) => condition === 'used').length;
    expect(used / items.length).toBeGreaterThan(0.1);
    expect(used / items.length).toBeLessThan(0.4);
  });
});
