import { formatMoney } from '@everopen/contract';
import type { Item, SellerItem } from '@everopen/contract/rest';
import { CATEGORY_NAMES } from './category-names.ts';
import { neutralise } from '../terminal/neutralise.ts';
import type { Style } from '../terminal/style.ts';
import { renderTable } from '../terminal/table.ts';

export function renderItems(items: readonly Item[], nextCursor: string | null, style: Style): string[] {
  if (items.length === 0) return ['Nothing found.'];
  const rows = items.map((item) => [
    String(item.itemId),
    neutralise(item.name),
    categoryName(item.category),
    item.condition,
    formatMoney(item.priceMinor, item.currency),
    String(item.available),
    votes(item),
    String(item.sellerId),
    item.keywords.map(neutralise).join(', '),
  ]);
  return [
    ...renderTable(
      [
        { title: 'ITEM', align: 'right' },
        { title: 'NAME' },
        { title: 'CATEGORY' },
        { title: 'STATE' },
        { title: 'PRICE', align: 'right' },
        { title: 'LEFT', align: 'right' },
        { title: 'VOTES' },
        { title: 'SELLER', align: 'right' },
        { title: 'KEYWORDS' },
      ],
      rows,
      { title: style.dim },
    ),
    ...renderMore(nextCursor),
  ];
}

export function renderSellerItems(
  items: readonly SellerItem[],
  nextCursor: string | null,
  style: Style,
): string[] {
  if (items.length === 0) return ['Nothing listed.'];
  const rows = items.map((item) => [
    String(item.itemId),
    neutralise(item.name),
    categoryName(item.category),
    item.condition,
    formatMoney(item.priceMinor, item.currency),
    ...[item.available, item.reserved, item.sold].map(String),
    votes(item),
  ]);
  return [
    ...renderTable(
      [
        { title: 'ITEM', align: 'right' },
        { title: 'NAME' },
        { title: 'CATEGORY' },
        { title: 'STATE' },
        { title: 'PRICE', align: 'right' },
        { title: 'LEFT', align: 'right' },
        { title: 'RESERVED', align: 'right' },
        { title: 'SOLD', align: 'right' },
        { title: 'VOTES' },
      ],
      rows,
      { title: style.dim },
    ),
    ...renderMore(nextCursor),
  ];
}

export function renderMore(nextCursor: string | null): string[] {
  return nextCursor === null ? [] : [`There is more: cursor=${neutralise(nextCursor)}`];
}

function votes({ thumbsUp, thumbsDown }: { thumbsUp: number; thumbsDown: number }): string {
  return `+${thumbsUp} -${thumbsDown}`;
}

function categoryName(category: number): string {
  return `${category} ${CATEGORY_NAMES[category] ?? ''}`.trim();
}
