/**
 * CPU of one purchase over all processes: adding to the cart, and `POST /v1/purchases` with its five steps.
 * Goal: at most 1.5 ms for the purchase. Linux only (reads /proc).
 *
 *   npm run build && node bench/purchase.mjs [--operations 3000] [--buyers 16]
 */
import { parseArgs } from 'node:util';
import { createBuyerClient, linesOf } from '@everopen/client';
import { undiciTransport } from '@everopen/client/node';
import { CARD, listItems, measure, PASSWORD, startMarketplace } from './support/marketplace.mjs';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '3000' },
    buyers: { type: 'string', default: '16' },
  },
});
const marketplace = await startMarketplace();
try {
  const ids = await listItems(marketplace.sellerUrl, 50);
  const transport = undiciTransport();
  const buyers = [];
  for (let i = 0; i < Number(values.buyers); i++) {
    const buyer = createBuyerClient({ servers: [marketplace.buyerUrl], transport });
    await buyer.register({ username: `bench-buyer-${i}`, password: PASSWORD, displayName: 'Buyer' });
    await buyer.logIn({ username: `bench-buyer-${i}`, password: PASSWORD });
    buyers.push({ buyer, cart: undefined });
  }
  // One loop a buyer: each takes the next that is free, so that no two calls share a cart.
  const free = [...buyers];
  const withBuyer = async (use) => {
    const one = free.pop();
    try {
      await use(one);
    } finally {
      free.unshift(one);
    }
  };
  const load = { operations: Number(values.operations), warmUp: 1_000, concurrency: buyers.length };
  const fill = async (one, n) => {
    one.cart = await one.buyer.addToCart(ids[n % ids.length], 1);
  };
  const pay = async (one) => {
    const { state } = await one.buyer.purchase({ lines: linesOf(one.cart), card: CARD });
    if (state !== 'paid') throw new Error(`The purchase is ${state}`);
  };
  await measure('POST /v1/cart/lines and POST /v1/purchases', marketplace, load, (n) =>
    withBuyer(async (one) => {
      await fill(one, n);
      await pay(one);
    }),
  );
  await measure('POST /v1/cart/lines', marketplace, load, (n) => withBuyer((one) => fill(one, n % 50)));
  await transport.close();
} finally {
  await marketplace.stop();
}
