import type { Databases } from '@everopen/accounts';
import { LIMITS } from '@everopen/contract';
import { Condition, SortOrder } from '@everopen/contract/products';
import {
  CONDITION_NUMBERS,
  itemOf,
  type BUYER_ROUTES,
  type Search,
  type Sort,
} from '@everopen/contract/rest';
import { CodedError } from '@everopen/core';
import type { KnownPositions, RestHandlers } from '@everopen/rest';
import { itemReader } from './item-reader.ts';

const SORT_ORDERS = {
  relevance: SortOrder.UNSPECIFIED,
  newest: SortOrder.NEWEST,
  'price-ascending': SortOrder.PRICE_ASCENDING,
  'price-descending': SortOrder.PRICE_DESCENDING,
} as const satisfies Record<Sort, SortOrder>;

/** What anybody may look at. Any replica answers that has seen what the client has seen. */
export function browsingHandlers(
  { customers, products }: Databases,
  known: KnownPositions,
): Pick<RestHandlers<typeof BUYER_ROUTES>, 'item' | 'search' | 'sellerRating'> {
  const items = itemReader(products, () => known.newest('products'));
  return {
    item: async (call) => {
      const { itemId } = call.params;
      const item = await call.seen('products', items.read(itemId, call.browse('products')));
      return { status: 200, body: itemOf(item) };
    },

    search: async (call) => {
      const request = searchRequest(call.query);
      const page = await call.seen('products', products.search(request, call.browse('products')));
      return {
        status: 200,
        body: { items: page.items.map(itemOf), nextCursor: page.nextCursor === '' ? null : page.nextCursor },
      };
    },

    sellerRating: async (call) => {
      const rating = await call.seen(
        'customers',
        customers.getSellerRating(call.params, call.browse('customers')),
      );
      return { status: 200, body: rating };
    },
  };
}

function searchRequest(query: Search) {
  const { category, minPriceMinor, maxPriceMinor, condition, sort } = query;
  if (minPriceMinor !== undefined && maxPriceMinor !== undefined && minPriceMinor > maxPriceMinor) {
    throw new CodedError('InvalidArgument', 'minPriceMinor: Must not be above maxPriceMinor', {
      details: { field: 'minPriceMinor' },
    });
  }
  return {
    category,
    keywords: query.keyword ?? [],
    text: query.q ?? '',
    minPriceMinor,
    maxPriceMinor,
    condition: condition === undefined ? Condition.UNSPECIFIED : CONDITION_NUMBERS[condition],
    sort: SORT_ORDERS[sort ?? 'relevance'],
    limit: query.limit ?? LIMITS.pageDefault,
    cursor: query.cursor ?? '',
  };
}
