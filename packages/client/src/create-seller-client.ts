import type { ClientOptions } from './client-options.ts';
import { createCaller } from './calls/caller.ts';
import { createShopClient } from './create-shop-client.ts';
import type { SellerClient } from './seller-client.ts';

export function createSellerClient(options: ClientOptions): SellerClient {
  const caller = createCaller(options);
  return {
    ...createShopClient(caller),
    get state() {
      return caller.state;
    },
    listItem: (body, call) => caller.call({ method: 'POST', path: '/v1/items', body }, call),
    changePrice: (itemId, priceMinor, call) =>
      caller.call({ method: 'PATCH', path: `/v1/items/${itemId}/price`, body: { priceMinor } }, call),
    addUnits: (itemId, quantity, call) =>
      caller.call({ method: 'POST', path: `/v1/items/${itemId}/units`, body: { add: quantity } }, call),
    removeUnits: (itemId, quantity, call) =>
      caller.call({ method: 'POST', path: `/v1/items/${itemId}/units`, body: { remove: quantity } }, call),
    items: ({ limit, cursor, ...call } = {}) =>
      caller.call({ method: 'GET', path: '/v1/items', query: { limit, cursor } }, call),
    rating: (call) => caller.call({ method: 'GET', path: '/v1/rating' }, call),
  };
}
