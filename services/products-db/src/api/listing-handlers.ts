import { CURRENCIES, LIMITS } from '@everopen/contract';
import type {
  ChangePriceRequest,
  ChangeUnitsRequest,
  Item,
  ListItemRequest,
  ProductsServer,
} from '@everopen/contract/products';
import type { Replica } from '@everopen/replica';
import { replicatedCalls, type ServiceHandlers } from '@everopen/rpc';
import { knownItem } from '../machine/listings.ts';
import { itemMessage } from '../machine/messages.ts';
import type { ProductsState } from '../machine/products-state.ts';
import type { NamedQuery } from '../queries/named-query.ts';
import { SELLER_ITEMS } from '../queries/seller-items.ts';
import type { ItemRow } from '../schema/items.ts';
import { searchItems } from '../search/search-items.ts';
import { checkLimit } from '../search/search-plan.ts';
import { encodeCommand } from '../validation/encode-command.ts';
import { invalid } from '../validation/invalid.ts';
import { checkListing, checkPriceChange, checkUnitsChange } from '../validation/listing.ts';
import { checkId, checkInteger } from '../validation/numbers.ts';
import { checkCountFeedback } from '../validation/order.ts';
import { readSession } from './read-session.ts';

type Handlers = ServiceHandlers<ProductsServer>;

/** Items: what sellers do with them, and how they are found. */
export function listingHandlers(
  replica: Replica,
  state: ProductsState,
): Pick<
  Handlers,
  | 'listItem'
  | 'changePrice'
  | 'addUnits'
  | 'removeUnits'
  | 'listSellerItems'
  | 'getSellerSales'
  | 'getItem'
  | 'getItems'
  | 'search'
  | 'countFeedback'
> {
  const calls = replicatedCalls(replica);
  const owner = ({ sellerId }: { sellerId: number }): string => `seller:${sellerId}`;
  return {
    listItem: calls.write<ListItemRequest>(
      (request) => encodeCommand({ $case: 'listItem', value: checkListing(request) }),
      owner,
    ),
    changePrice: calls.write<ChangePriceRequest>(
      (request) => encodeCommand({ $case: 'changePrice', value: checkPriceChange(request) }),
      owner,
    ),
    addUnits: calls.write<ChangeUnitsRequest>(
      (request) => encodeCommand({ $case: 'addUnits', value: checkUnitsChange(request) }),
      owner,
    ),
    removeUnits: calls.write<ChangeUnitsRequest>(
      (request) => encodeCommand({ $case: 'removeUnits', value: checkUnitsChange(request) }),
      owner,
    ),
    countFeedback: calls.step((request) =>
      encodeCommand({ $case: 'countFeedback', value: checkCountFeedback(request) }),
    ),

    getItem: async (request, call) => {
      const itemId = checkId(request.itemId, 'item_id');
      const session = readSession(replica, call);
      const item = await session.read(() => itemMessage(knownItem(state, itemId)));
      session.finish();
      return item;
    },

    getItems: async (request, call) => {
      const { itemIds } = request;
      if (itemIds.length > LIMITS.pageMax) {
        throw invalid('item_ids', `must be at most ${LIMITS.pageMax}`, { max: LIMITS.pageMax });
      }
      itemIds.forEach((itemId, i) => checkId(itemId, `item_ids[${i}]`));
      const session = readSession(replica, call);
      const items = await session.read(() =>
        itemIds.flatMap((itemId): Item[] => {
          const row = state.items.get(itemId);
          return row === undefined ? [] : [itemMessage(row)];
        }),
      );
      session.finish();
      return { items };
    },

    listSellerItems: async (request, call) => {
      const sellerId = checkId(request.sellerId, 'seller_id');
      const limit = checkLimit(request.limit);
      checkInteger(request.beforeItemId, 'before_item_id', 0, Number.MAX_SAFE_INTEGER);
      const before = request.beforeItemId === 0 ? Number.MAX_SAFE_INTEGER : request.beforeItemId;
      const session = readSession(replica, call);
      // One more than the page: whether there is another page is known, not guessed.
      const rows = await session.query(SELLER_ITEMS, { sellerId, before, limit: limit + 1 });
      const items = rows.slice(0, limit).map((row) => itemMessage(row as ItemRow));
      session.finish();
      return { items, nextBeforeItemId: rows.length > limit ? (items.at(-1) as Item).itemId : 0 };
    },

    getSellerSales: async (request, call) => {
      const sellerId = checkId(request.sellerId, 'seller_id');
      const session = readSession(replica, call);
      const sales = await session.read(() => {
        const seller = state.sellers.get(sellerId);
        const revenueMinor: Record<string, number> = {};
        for (const currency of Object.keys(CURRENCIES)) {
          const row = state.revenue.get(sellerId, currency);
          if (row !== undefined) revenueMinor[currency] = row.revenue_minor;
        }
        return { unitsSold: seller?.units_sold ?? 0, orders: seller?.orders_paid ?? 0, revenueMinor };
      });
      session.finish();
      return sales;
    },

    search: async (request, call) => {
      const session = readSession(replica, call);
      const response = await searchItems(request, (query: NamedQuery, values) =>
        session.query(query, values),
      );
      session.finish();
      return response;
    },
  };
}
