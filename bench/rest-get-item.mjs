/**
 * CPU of `GET /v1/items/{id}` over all processes: REST server, gRPC, products database.
 * Goal: at most 200 µs. Linux only (reads /proc).
 *
 *   npm run build && node bench/rest-get-item.mjs [--operations 40000] [--concurrency 32]
 */
import { parseArgs } from 'node:util';
import { createBuyerClient } from '@everopen/client';
import { undiciTransport } from '@everopen/client/node';
import { listItems, measure, startMarketplace } from './support/marketplace.mjs';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '40000' },
    concurrency: { type: 'string', default: '32' },
  },
});
const marketplace = await startMarketplace();
try {
  const ids = await listItems(marketplace.sellerUrl, 50);
  const buyer = createBuyerClient({ servers: [marketplace.buyerUrl], transport: undiciTransport() });
  const load = {
    operations: Number(values.operations),
    warmUp: 10_000,
    concurrency: Number(values.concurrency),
  };
  await measure('GET /v1/items/{id}', marketplace, load, (n) => buyer.item(ids[n % ids.length]));
  await buyer.close();
} finally {
  await marketplace.stop();
}
