/** A payment service as a process of its own, for tests that kill it: `node payment-process.mjs DIRECTORY PORT`. */
import { silentLogger } from '@everopen/core';
import { startPayment } from '@everopen/payment';

const [directory, port] = process.argv.slice(2);
const service = await startPayment({
  address: { host: '127.0.0.1', port: Number(port) },
  dataDirectory: directory,
  clusterKey: 'operator-key-of-the-tests',
  logger: silentLogger,
  onFatal: (error) => {
    throw error;
  },
});
process.send(service.address.port);
process.on('disconnect', () => process.exit());
