/**
 * The products database: items, stock, orders and ratings of items, as a replicated state machine with a
 * gRPC interface (`proto/products.proto`).
 */
export { startProductsDb, type ProductsDbConfig } from './start-products-db.ts';
/** The state machine alone, for simulations, audits and benchmarks. */
export { ProductsMachine } from './machine/products-machine.ts';
export { encodeCommand, type Command } from './validation/encode-command.ts';
export { searchItems, type AskStore } from './search/search-items.ts';
