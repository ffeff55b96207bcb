import { createShopServer, notingPositions, type Databases, type ShopServerConfig } from '@everopen/accounts';
import { BUYER_ROUTES } from '@everopen/contract/rest';
import type { RunningService } from '@everopen/core';
import { createPaymentClient, type PaymentClient } from '@everopen/payment';
import { browsingHandlers } from './handlers/browsing.ts';
import { cartHandlers } from './handlers/carts.ts';
import { purchaseHandlers } from './handlers/purchases.ts';
import { createGrpcPorts } from './purchase/grpc-ports.ts';
import { createPurchaseFlow } from './purchase/purchase-flow.ts';
import type { PurchaseSettings } from './purchase/purchase-settings.ts';

export interface BuyerServerConfig extends ShopServerConfig {
  /** Such as `http://127.0.0.1:7300/payment`. */
  readonly paymentUrl: string;
  /** Waits and limits of the purchase flow that are not to have their defaults. */
  readonly purchase?: Partial<PurchaseSettings>;
}

/** What stands behind the server, where it is not made from the configuration: for tests. */
export interface BuyerServerModules extends Databases {
  readonly payment: Pick<PaymentClient, 'charge' | 'void' | 'close'>;
}

const WORDS = {
  title: 'Everopen for buyers',
  description: 'Search, fill a cart, pay, rate. Prices are in minor units (cents).',
};

/**
 * Starts a REST server for buyers, and the sweeper that finishes what crashed servers have left; resolves
 * once it listens. Rejects with `InvalidArgument` naming the setting, or `InUse` if another process has the
 * address.
 */
export async function startBuyerServer(
  config: BuyerServerConfig,
  modules?: BuyerServerModules,
): Promise<RunningService> {
  const server = await createShopServer('buyer', WORDS, config, modules);
  const { known } = server.rest;
  const payment =
    modules?.payment ?? createPaymentClient({ url: config.paymentUrl, clusterKey: config.clusterKey });
  const flow = createPurchaseFlow({
    ports: createGrpcPorts({
      customers: notingPositions(server.customers, 'customers', known),
      products: notingPositions(server.products, 'products', known),
      payment,
    }),
    clock: server.clock,
    logger: config.logger,
    ...(config.purchase === undefined ? {} : { settings: config.purchase }),
  });
  server.rest.mount(BUYER_ROUTES, {
    ...browsingHandlers(server, known),
    ...cartHandlers(server),
    ...purchaseHandlers(server, flow, server.clock),
  });
  const running = await server.listen(async () => {
    await flow.stop();
    await payment.close();
  });
  flow.startSweeper();
  return running;
}
