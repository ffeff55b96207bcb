import { CustomersService, type CustomersServer } from '@everopen/contract/customers';
import { ProductsService, type ProductsServer } from '@everopen/contract/products';
import { isCurrency } from '@everopen/contract';
import { ACCOUNT_ROUTES, type Role } from '@everopen/contract/rest';
import { CodedError, systemClock, type Clock, type Logger, type RunningService } from '@everopen/core';
import { createRestServer, sessionTokens, type RestServer } from '@everopen/rest';
import { connectGrpc, type ClientCalls } from '@everopen/rpc';
import { accountHandlers } from './account-handlers.ts';
import { databasesAnswer } from './databases-answer.ts';
import { passwordHasher } from './passwords/password-hasher.ts';
import { customersSessions } from './session-store.ts';
import { loginThrottle } from './throttle/login-throttle.ts';

/** What the sellers' and the buyers' servers are told alike. */
export interface ShopServerConfig {
  /** Where to listen; port 0 lets the system choose. */
  readonly address: { readonly host: string; readonly port: number };
  /** "host:port" of every replica. */
  readonly customersDb: readonly string[];
  readonly productsDb: readonly string[];
  readonly clusterKey: string;
  /** Signs session tokens: the same on all servers, at least 32 characters. */
  readonly tokenSecret: string;
  /** ISO 4217: the currency of prices that name none. */
  readonly currency: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Addresses or networks of proxies whose X-Forwarded-For is believed; none if left out. */
  readonly trustedProxies?: readonly string[];
}

export interface Databases {
  readonly customers: ClientCalls<CustomersServer>;
  readonly products: ClientCalls<ProductsServer>;
}

export interface ShopServer extends Databases {
  readonly rest: RestServer;
  readonly clock: Clock;
  listen(onStop?: () => Promise<void>): Promise<RunningService>;
}

/**
 * A REST server of one role, connected to the databases, with accounts and sessions mounted. It keeps
 * nothing that matters: any server of the role goes on where another stopped. `databases` takes the place
 * of the connections in tests.
 */
export async function createShopServer(
  role: Role,
  words: { readonly title: string; readonly description: string },
  config: ShopServerConfig,
  databases?: Databases,
): Promise<ShopServer> {
  const { logger, clock = systemClock, tokenSecret, trustedProxies = [] } = config;
  if (!isCurrency(config.currency)) {
    throw new CodedError('InvalidArgument', 'currency must be an ISO 4217 code that this shop knows', {
      details: { field: 'currency' },
    });
  }
  const tokens = sessionTokens(tokenSecret);
  const connections = databases === undefined ? connect(config) : { ...databases, close: () => {} };
  const { customers, products } = connections;
  const rest = await createRestServer({
    ...words,
    role,
    tokens,
    sessions: customersSessions(customers, role, clock),
    probe: () => databasesAnswer(connections),
    logger,
    clock,
    trustedProxies,
  });
  const hasher = passwordHasher(tokenSecret);
  const throttle = loginThrottle();
  rest.mount(
    ACCOUNT_ROUTES,
    accountHandlers({ role, customers, tokens, tokenSecret, hasher, throttle, clock }),
  );
  return {
    rest,
    clock,
    customers,
    products,
    listen: async (onStop) => {
      const release = async (): Promise<void> => {
        await onStop?.();
        connections.close();
      };
      try {
        return await rest.listen(config.address, release);
      } catch (error) {
        await release();
        throw error;
      }
    },
  };
}

function connect({ customersDb, productsDb, clusterKey, logger, clock = systemClock }: ShopServerConfig) {
  const common = { clusterKey, logger, clock };
  const customers = connectGrpc<CustomersServer>({
    ...common,
    addresses: customersDb,
    service: CustomersService,
  });
  const products = connectGrpc<ProductsServer>({
    ...common,
    addresses: productsDb,
    service: ProductsService,
  });
  return {
    customers,
    products,
    close: () => {
      customers.close();
      products.close();
    },
  };
}
