import type { SellerClient } from '@everopen/client';
import { formatMoney } from '@everopen/contract';
import type { ListItemAnswer, OwnRating, SellerItem, SellerItems } from '@everopen/contract/rest';
import { neutralise } from '../terminal/neutralise.ts';
import type { Style } from '../terminal/style.ts';
import { accountCommands } from './account-commands.ts';
import { renderSellerItems } from './item-table.ts';
import { pageOf } from './page-of.ts';
import { choice, integer, list, money, optional, PAGE, text } from './parameters.ts';
import { type ShopCommand, shopCommand, type ShopSession } from './shop-command.ts';

export type SellerSession = ShopSession<SellerClient>;

export const CONDITIONS = ['new', 'used'] as const;

const ITEM = integer('item', 'Number of the item');

const renderItem = (item: SellerItem, style: Style): string[] => renderSellerItems([item], null, style);

/** Everything that a seller can do. */
export const SELLER_COMMANDS: readonly ShopCommand<SellerSession>[] = [
  ...accountCommands<SellerSession>(),
  shopCommand<SellerSession, ListItemAnswer>({
    name: 'sell',
    summary: 'Put an item up for sale; an equal listing of yours grows instead',
    parameters: [
      text('name', 'Name (up to 32 characters)'),
      integer('category', 'Category (0–9)'),
      money('price', 'Price of one'),
      integer('quantity', 'How many'),
      optional(choice('condition', 'Condition', CONDITIONS)),
      optional(list('keywords', 'Keywords, with commas (up to 5, each up to 8 characters)')),
      optional(text('currency', 'Currency')),
    ],
    run: ({ client, currency: usual }, args) => {
      const currency = args.has('currency') ? args.text('currency') : usual;
      return client.listItem({
        name: args.text('name'),
        category: args.integer('category'),
        priceMinor: args.money('price', currency),
        currency,
        quantity: args.integer('quantity'),
        condition: args.has('condition') ? args.choice('condition', CONDITIONS) : 'new',
        keywords: args.has('keywords') ? args.list('keywords') : [],
      });
    },
    render: ({ item, merged }, style) => [
      merged ? 'An equal listing was there; it has grown:' : 'Listed:',
      ...renderItem(item, style),
    ],
  }),
  shopCommand<SellerSession, SellerItem>({
    name: 'change-price',
    summary: 'Change the price of an item',
    parameters: [ITEM, money('price', 'New price, in the currency of the item')],
    run: async ({ client }, args) => {
      const itemId = args.integer('item');
      const currency = await currencyOf(client, itemId);
      // An item that is not one's own is refused by the server, which knows best why.
      return client.changePrice(itemId, args.money('price', currency ?? 'EUR'));
    },
    render: renderItem,
  }),
  shopCommand<SellerSession, SellerItem>({
    name: 'add-units',
    summary: 'Add units to an item',
    parameters: [ITEM, integer('quantity', 'How many more')],
    run: ({ client }, args) => client.addUnits(args.integer('item'), args.integer('quantity')),
    render: renderItem,
  }),
  shopCommand<SellerSession, SellerItem>({
    name: 'remove-units',
    summary: 'Remove units from sale; with none left, the item is no longer listed',
    parameters: [ITEM, integer('quantity', 'How many')],
    run: ({ client }, args) => client.removeUnits(args.integer('item'), args.integer('quantity')),
    render: renderItem,
  }),
  shopCommand<SellerSession, SellerItems>({
    name: 'items',
    summary: 'List the own items, newest first',
    parameters: PAGE,
    run: ({ client }, args) => client.items(pageOf(args)),
    render: ({ items, nextCursor }, style) => renderSellerItems(items, nextCursor, style),
  }),
  shopCommand<SellerSession, OwnRating>({
    name: 'rating',
    summary: 'Show the own rating and sales',
    run: ({ client }) => client.rating(),
    render: (rating) => {
      const revenue = rating.sales.revenue.map((sum) => formatMoney(sum.totalMinor, sum.currency)).join(', ');
      return [
        `${neutralise(rating.displayName)}: ${rating.thumbsUp} thumbs up, ${rating.thumbsDown} thumbs down`,
        `${rating.sales.unitsSold} units sold in ${rating.sales.orders} orders${revenue === '' ? '' : ` for ${revenue}`}`,
      ];
    },
  }),
];

/** Prices are typed as decimals, and how many decimals there are is the item's own matter. */
async function currencyOf(client: SellerClient, itemId: number): Promise<string | undefined> {
  let cursor: string | undefined;
  do {
    const page = await client.items({ limit: 100, ...(cursor !== undefined && { cursor }) });
    const item = page.items.find((own) => own.itemId === itemId);
    if (item !== undefined) return item.currency;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return undefined;
}
