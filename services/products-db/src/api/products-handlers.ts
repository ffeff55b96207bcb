import type { ProductsServer } from '@everopen/contract/products';
import type { Replica } from '@everopen/replica';
import type { ServiceHandlers } from '@everopen/rpc';
import type { ProductsState } from '../machine/products-state.ts';
import { auditHandlers } from './audit-handlers.ts';
import { listingHandlers } from './listing-handlers.ts';
import { orderHandlers } from './order-handlers.ts';

/** The gRPC interface of the products database over one of its replicas. */
export function productsHandlers(replica: Replica, state: ProductsState): ServiceHandlers<ProductsServer> {
  return {
    ...listingHandlers(replica, state),
    ...orderHandlers(replica, state),
    ...auditHandlers(replica, state),
  };
}
