import { createShopServer, type Databases, type ShopServerConfig } from '@everopen/accounts';
import { SELLER_ROUTES } from '@everopen/contract/rest';
import type { RunningService } from '@everopen/core';
import { sellerHandlers } from './seller-handlers.ts';

export type SellerServerConfig = ShopServerConfig;

const WORDS = {
  title: 'Everopen for sellers',
  description: 'List items, change prices and stock, see what was sold. Prices are in minor units (cents).',
};

/**
 * Starts a REST server for sellers; resolves once it listens. Rejects with `InvalidArgument` naming the
 * setting, or `InUse` if another process has the address. `databases` takes the place of the connections in
 * tests.
 */
export async function startSellerServer(
  config: SellerServerConfig,
  databases?: Databases,
): Promise<RunningService> {
  const server = await createShopServer('seller', WORDS, config, databases);
  server.rest.mount(SELLER_ROUTES, sellerHandlers(server, config.currency));
  return server.listen();
}
