/** The sellers' REST server. */
export { startSellerServer, type SellerServerConfig } from './start-seller-server.ts';
