import type { BuyerClient } from './buyer-client.ts';
import { createCaller } from './calls/caller.ts';
import type { ClientOptions } from './client-options.ts';
import { createShopClient } from './create-shop-client.ts';

/** A purchase waits for payment: longer than this server's own limit of 10 s, so that its answer is heard. */
const PURCHASE_TIMEOUT_MS = 15_000;

export function createBuyerClient(options: ClientOptions): BuyerClient {
  const caller = createCaller(options);
  const linePath = (itemId: number): string => `/v1/cart/lines/${itemId}`;
  return {
    ...createShopClient(caller),
    get state() {
      return caller.state;
    },
    search: (search = {}) => {
      const { key, signal, text, keywords, ...filters } = search;
      const query = { ...filters, q: text, keyword: keywords };
      return caller.call({ method: 'GET', path: '/v1/items', query }, callOptions(key, signal));
    },
    item: (itemId, call) => caller.call({ method: 'GET', path: `/v1/items/${itemId}` }, call),
    sellerRating: (sellerId, call) =>
      caller.call({ method: 'GET', path: `/v1/sellers/${sellerId}/rating` }, call),

    cart: (call) => caller.call({ method: 'GET', path: '/v1/cart' }, call),
    addToCart: (itemId, quantity, call) =>
      caller.call({ method: 'POST', path: '/v1/cart/lines', body: { itemId, quantity } }, call),
    setCartLine: (itemId, quantity, call) =>
      caller.call({ method: 'PUT', path: linePath(itemId), body: { quantity } }, call),
    removeFromCart: (itemId, quantity, call) =>
      caller.call({ method: 'DELETE', path: linePath(itemId), query: { quantity } }, call),
    clearCart: (call) => caller.call({ method: 'DELETE', path: '/v1/cart' }, call),

    purchase: (body, call) =>
      caller.call(
        { method: 'POST', path: '/v1/purchases', body, attemptTimeoutMs: PURCHASE_TIMEOUT_MS },
        call,
      ),
    purchaseByKey: (key, call) => caller.call({ method: 'GET', path: `/v1/purchases/by-key/${key}` }, call),
    purchases: ({ limit, cursor, ...call } = {}) =>
      caller.call({ method: 'GET', path: '/v1/purchases', query: { limit, cursor } }, call),
    giveFeedback: (itemId, thumbsUp, call) =>
      caller.call({ method: 'POST', path: '/v1/feedback', body: { itemId, thumbsUp } }, call),
  };
}

function callOptions(key: string | undefined, signal: AbortSignal | undefined) {
  return { ...(key === undefined ? {} : { key }), ...(signal === undefined ? {} : { signal }) };
}
