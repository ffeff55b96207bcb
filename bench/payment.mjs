/**
 * CPU and time of a payment, both sides: a child process serves, this one charges.
 *
 *   npm run build && node bench/payment.mjs [--calls 4000] [--library]
 *
 * `--library` measures the npm package `soap` on the same WSDL for comparison: its server, without any
 * ledger behind it, and its client.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistogram, performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { silentLogger } from '@everopen/core';
import { createPaymentClient, startPayment } from '@everopen/payment';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '4000' },
    library: { type: 'boolean', default: false },
  },
});

const CARD = {
  holderName: 'Ada Lovelace',
  number: '4111111111111111',
  expiryMonth: 12,
  expiryYear: 2030,
  securityCode: '123',
};

if (process.send === undefined) await main();
else await serve();

async function main() {
  const server = fork(process.argv[1], process.argv.slice(2));
  const { url } = await nextMessage(server);
  const charge = values.library ? await libraryCharge(url) : ownCharge(url);
  const calls = Number(values.calls);
  for (const concurrency of [1, 10, 50]) {
    await run(charge, Math.ceil(calls / 4), concurrency, `warm-up-${concurrency}`);
    const serverBefore = await cpuOf(server);
    const before = process.cpuUsage();
    const started = performance.now();
    const times = await run(charge, calls, concurrency, `measured-${concurrency}`);
    const elapsedMs = performance.now() - started;
    const client = process.cpuUsage(before);
    const serverAfter = await cpuOf(server);
    console.log({
      concurrency,
      clientCpuUs: Math.round((client.user + client.system) / calls),
      serverCpuUs: Math.round((serverAfter - serverBefore) / calls),
      callsPerSecond: Math.round((calls / elapsedMs) * 1000),
      p50Ms: times.percentile(50) / 1e6,
      p99Ms: times.percentile(99) / 1e6,
    });
  }
  server.kill();
  process.exit();
}

async function run(charge, calls, concurrency, prefix) {
  const times = createHistogram();
  let next = 0;
  const worker = async () => {
    while (next < calls) {
      const key = `${prefix}-${next++}`;
      const started = process.hrtime.bigint();
      await charge({ key, amountMinor: 1234, currency: 'EUR', card: CARD });
      times.record(process.hrtime.bigint() - started);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return times;
}

function ownCharge(url) {
  const client = createPaymentClient({ url, clusterKey: 'bench' });
  return (request) => client.charge(request);
}

async function libraryCharge(url) {
  const { createClientAsync } = await import('soap');
  const { Agent } = await import('node:http');
  const client = await createClientAsync(`${url}?wsdl`);
  const httpAgent = new Agent({ keepAlive: true });
  return (request) => client.ChargeAsync(request, { httpAgent });
}

async function serve() {
  const directory = mkdtempSync(join(tmpdir(), 'everopen-bench-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  process.on('disconnect', () => process.exit());
  process.on('SIGTERM', () => process.exit());
  const service = await startPayment({
    address: { host: '127.0.0.1', port: 0 },
    dataDirectory: directory,
    clusterKey: 'bench',
    logger: silentLogger,
    onFatal: (error) => {
      throw error;
    },
  });
  const url = `http://127.0.0.1:${service.address.port}/payment`;
  process.send({ url: values.library ? await serveWithLibrary(url) : url });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuUs: user + system });
  });
}

async function serveWithLibrary(describedBy) {
  const { listen } = await import('soap');
  const { createServer } = await import('node:http');
  const wsdl = await (await fetch(`${describedBy}?wsdl`)).text();
  const server = createServer((_request, response) => response.end());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/payment`;
  const port = {
    Charge: ({ key, amountMinor, currency }) => ({
      key,
      outcome: 'charged',
      reference: `pay_${key}`,
      amountMinor,
      currency,
    }),
  };
  listen(server, {
    path: '/payment',
    services: { PaymentService: { PaymentSoap11: port, PaymentSoap12: port } },
    xml: wsdl.replaceAll(describedBy, url),
  });
  return url;
}

async function cpuOf(server) {
  server.send('cpu');
  return (await nextMessage(server)).cpuUs;
}

function nextMessage(server) {
  return new Promise((resolve, reject) => {
    server.once('message', resolve);
    server.once('exit', () => reject(new Error('The server ended')));
  });
}
