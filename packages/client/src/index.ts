/** Typed clients of the marketplace's REST interfaces: fail-over, repeats under one key, own writes are read. */
export { createBuyerClient } from './create-buyer-client.ts';
export { createSellerClient } from './create-seller-client.ts';
export { linesOf } from './lines-of.ts';
export { makeKey } from './calls/make-key.ts';
export { fetchTransport } from './transport/fetch-transport.ts';
export type { BuyerClient, SearchOptions } from './buyer-client.ts';
export type { PageOptions, SellerClient } from './seller-client.ts';
export type { CallOptions, ClientState, ShopClient } from './shop-client.ts';
export type { ClientOptions } from './client-options.ts';
export type { Transport, TransportAnswer, TransportRequest } from './transport/transport.ts';
export type * from '@everopen/contract/rest';
