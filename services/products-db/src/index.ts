/**
 * The products database: items, stock, orders and ratings of items, as a replicated state machine with a
 * gRPC interface (`proto/products.proto`).
 */
export { startProductsDb, type RunningProductsDb } from './start-products-db.ts';
export {
  RAFT_REPLICAS_MAX,
  type LogRetention,
  type ProductsDbConfig,
  type ProductsDbPeer,
} from './products-db-config.ts';
/** The state machine alone, for simulations, audits and benchmarks. */
export { ProductsMachine } from './machine/products-machine.ts';
export { encodeCommand, type Command } from './validation/encode-command.ts';
export { searchItems, type AskStore } from './search/search-items.ts';
