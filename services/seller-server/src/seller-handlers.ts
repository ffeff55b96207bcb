import { CONDITION_NUMBERS, sellerItemOf, type SELLER_ROUTES } from '@everopen/contract/rest';
import { LIMITS } from '@everopen/contract';
import { CodedError } from '@everopen/core';
import type { Databases } from '@everopen/accounts';
import type { RestHandlers } from '@everopen/rest';

/** What sellers do, each with their own items: the seller's id comes from the session, never from a request. */
export function sellerHandlers(
  { customers, products }: Databases,
  currency: string,
): RestHandlers<typeof SELLER_ROUTES> {
  return {
    listItem: async (call) => {
      const { condition, ...listing } = call.body;
      const { item, merged } = await call.seen(
        'products',
        products.listItem(
          {
            ...listing,
            sellerId: call.session.accountId,
            condition: CONDITION_NUMBERS[condition],
            currency: listing.currency ?? currency,
          },
          call.once(),
        ),
      );
      if (item === undefined) throw new Error('The products database listed no item');
      return { status: 201, body: { item: sellerItemOf(item), merged } };
    },

    changePrice: async (call) => {
      const request = { sellerId: call.session.accountId, ...call.params, ...call.body };
      const item = await call.seen('products', products.changePrice(request, call.once()));
      return { status: 200, body: sellerItemOf(item) };
    },

    changeUnits: async (call) => {
      const { add, remove } = call.body;
      const request = { sellerId: call.session.accountId, ...call.params, quantity: add ?? remove ?? 0 };
      const change = add === undefined ? products.removeUnits : products.addUnits;
      const item = await call.seen('products', change(request, call.once()));
      return { status: 200, body: sellerItemOf(item) };
    },

    ownItems: async (call) => {
      const { limit = LIMITS.pageDefault, cursor } = call.query;
      const request = { sellerId: call.session.accountId, beforeItemId: parseCursor(cursor), limit };
      const page = await call.seen('products', products.listSellerItems(request, call.browse('products')));
      return {
        status: 200,
        body: {
          items: page.items.map(sellerItemOf),
          nextCursor: page.nextBeforeItemId === 0 ? null : String(page.nextBeforeItemId),
        },
      };
    },

    ownRating: async (call) => {
      const sellerId = call.session.accountId;
      const [rating, sales] = await Promise.all([
        call.seen('customers', customers.getSellerRating({ sellerId }, call.browse('customers'))),
        call.seen('products', products.getSellerSales({ sellerId }, call.browse('products'))),
      ]);
      const revenue = Object.entries(sales.revenueMinor).map(([code, totalMinor]) => ({
        currency: code,
        totalMinor,
      }));
      return {
        status: 200,
        body: { ...rating, sales: { orders: sales.orders, unitsSold: sales.unitsSold, revenue } },
      };
    },
  };
}

/** A page goes on below an item's id; 0 asks for the first page. */
function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^[1-9][0-9]{0,14}$/.test(cursor)) return Number(cursor);
  throw new CodedError('InvalidArgument', 'cursor: Must be a cursor that a page before gave', {
    details: { field: 'cursor' },
  });
}
