import type { BuyerClient } from '@everopen/client';
import type { Cart, Feedback, Item, Items, Purchase, Purchases, SellerRating } from '@everopen/contract/rest';
import { neutralise } from '../terminal/neutralise.ts';
import type { Style } from '../terminal/style.ts';
import { accountCommands } from './account-commands.ts';
import { renderCart, renderPurchase } from './cart-table.ts';
import { renderItems, renderMore } from './item-table.ts';
import { pageOf } from './page-of.ts';
import { choice, integer, list, money, optional, PAGE, secret, text } from './parameters.ts';
import { purchaseUntilDecided } from './purchase-until-decided.ts';
import { CONDITIONS } from './seller-commands.ts';
import { type ShopCommand, shopCommand, type ShopSession } from './shop-command.ts';

export interface BuyerSession extends ShopSession<BuyerClient> {
  /** The cart as it was last shown: a purchase names the prices that the buyer saw. */
  cartSeen: Cart | undefined;
}

const SORTS = ['relevance', 'newest', 'price-ascending', 'price-descending'] as const;
const ITEM = integer('item', 'Number of the item');

function cartCommand(
  command: Pick<ShopCommand<BuyerSession>, 'name' | 'summary' | 'parameters'> & {
    readonly call: (
      client: BuyerClient,
      args: Parameters<ShopCommand<BuyerSession>['run']>[1],
    ) => Promise<Cart>;
  },
): ShopCommand<BuyerSession> {
  return shopCommand<BuyerSession, Cart>({
    ...command,
    run: async (session, args) => (session.cartSeen = await command.call(session.client, args)),
    render: renderCart,
  });
}

/** Everything that a buyer can do. */
export const BUYER_COMMANDS: readonly ShopCommand<BuyerSession>[] = [
  shopCommand<BuyerSession, Items>({
    name: 'search',
    summary: 'Search the items for sale',
    parameters: [
      optional(list('keywords', 'Keywords, with commas (up to 5)')),
      optional(integer('category', 'Category (0–9)')),
      optional(text('text', 'Beginnings of words of the name')),
      optional(money('min-price', 'Price from')),
      optional(money('max-price', 'Price up to')),
      optional(choice('condition', 'Condition', CONDITIONS)),
      optional(choice('sort', 'Order', SORTS)),
      ...PAGE,
    ],
    run: ({ client, currency }, args) =>
      client.search({
        ...(args.has('keywords') && { keywords: args.list('keywords') }),
        ...(args.has('category') && { category: args.integer('category') }),
        ...(args.has('text') && { text: args.text('text') }),
        ...(args.has('min-price') && { minPriceMinor: args.money('min-price', currency) }),
        ...(args.has('max-price') && { maxPriceMinor: args.money('max-price', currency) }),
        ...(args.has('condition') && { condition: args.choice('condition', CONDITIONS) }),
        ...(args.has('sort') && { sort: args.choice('sort', SORTS) }),
        ...pageOf(args),
      }),
    render: ({ items, nextCursor }, style) => renderItems(items, nextCursor, style),
  }),
  shopCommand<BuyerSession, Item>({
    name: 'item',
    summary: 'Show one item',
    parameters: [ITEM],
    run: ({ client }, args) => client.item(args.integer('item')),
    render: (item, style) => renderItems([item], null, style),
  }),
  cartCommand({
    name: 'add-to-cart',
    summary: 'Put units of an item into the cart',
    parameters: [ITEM, integer('quantity', 'How many')],
    call: (client, args) => client.addToCart(args.integer('item'), args.integer('quantity')),
  }),
  cartCommand({
    name: 'remove-from-cart',
    summary: 'Take units of an item out of the cart, or all of them',
    parameters: [ITEM, optional(integer('quantity', 'How many (all if left out)'))],
    call: (client, args) =>
      client.removeFromCart(
        args.integer('item'),
        args.has('quantity') ? args.integer('quantity') : undefined,
      ),
  }),
  cartCommand({
    name: 'set-cart-line',
    summary: 'Set how many units of an item the cart holds; 0 removes it',
    parameters: [ITEM, integer('quantity', 'How many')],
    call: (client, args) => client.setCartLine(args.integer('item'), args.integer('quantity')),
  }),
  cartCommand({
    name: 'clear-cart',
    summary: 'Empty the cart',
    parameters: [],
    call: (client) => client.clearCart(),
  }),
  cartCommand({ name: 'cart', summary: 'Show the cart', parameters: [], call: (client) => client.cart() }),
  shopCommand<BuyerSession, Purchase>({
    name: 'purchase',
    summary: 'Buy what the cart holds, at the prices that were shown',
    parameters: [
      text('name', 'Name on the card'),
      secret('number', 'Card number'),
      text('expiry', 'Expiry (MM/YY)'),
      secret('code', 'Security code'),
    ],
    run: async (session, args) => {
      const cart = session.cartSeen ?? (await session.client.cart());
      session.cartSeen = undefined;
      return purchaseUntilDecided(session.client, cart, {
        holderName: args.text('name'),
        number: args.text('number'),
        ...args.expiry('expiry'),
        securityCode: args.text('code'),
      });
    },
    render: renderPurchase,
  }),
  shopCommand<BuyerSession, Feedback>({
    name: 'feedback',
    summary: 'Rate an item that you have bought, once',
    parameters: [ITEM, choice('thumb', 'Thumb', ['up', 'down'])],
    run: ({ client }, args) =>
      client.giveFeedback(args.integer('item'), args.choice('thumb', ['up', 'down']) === 'up'),
    render: ({ itemId, thumbsUp }) => [`Thumbs ${thumbsUp ? 'up' : 'down'} for item ${itemId}; thank you.`],
  }),
  shopCommand<BuyerSession, SellerRating>({
    name: 'seller-rating',
    summary: "Show a seller's rating",
    parameters: [integer('seller', 'Number of the seller')],
    run: ({ client }, args) => client.sellerRating(args.integer('seller')),
    render: (rating) => [
      `${neutralise(rating.displayName)}: ${rating.thumbsUp} thumbs up, ${rating.thumbsDown} thumbs down, ${rating.itemsSold} units sold`,
    ],
  }),
  shopCommand<BuyerSession, Purchases>({
    name: 'history',
    summary: 'Show the purchases, newest first',
    parameters: PAGE,
    run: ({ client }, args) => client.purchases(pageOf(args)),
    render: ({ purchases, nextCursor }, style: Style) =>
      purchases.length === 0
        ? ['Nothing bought yet.']
        : [...purchases.flatMap((purchase) => renderPurchase(purchase, style)), ...renderMore(nextCursor)],
  }),
  ...accountCommands<BuyerSession>(),
];
