/**
 * One component of a marketplace in a process of its own: `node component.mjs KIND CONFIG_AS_JSON`. Tells its
 * port on the channel to the parent, and stops when the channel closes.
 */
import { startBuyerServer } from '@everopen/buyer-server';
import { startCustomersDb } from '@everopen/customers-db';
import { startPayment } from '@everopen/payment';
import { startProductsDb } from '@everopen/products-db';
import { startSellerServer } from '@everopen/seller-server';

const START = {
  customers: startCustomersDb,
  products: startProductsDb,
  payment: startPayment,
  seller: startSellerServer,
  buyer: startBuyerServer,
};
const [kind, json] = process.argv.slice(2);
const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: console.warn, error: console.error };
const onFatal = (error) => {
  console.error(error);
  process.exit(1);
};
const service = await START[kind]({ ...JSON.parse(json), logger, onFatal });
process.send(service.address.port);
process.on('disconnect', () => {
  void service.stop().then(() => process.exit(0));
});
