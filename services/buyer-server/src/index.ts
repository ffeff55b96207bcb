/** The buyers' REST server. */
export { startBuyerServer, type BuyerServerConfig, type BuyerServerModules } from './start-buyer-server.ts';
export { DEFAULT_PURCHASE_SETTINGS, type PurchaseSettings } from './purchase/purchase-settings.ts';
