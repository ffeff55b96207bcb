/** A small marketplace of real processes (one replica each, stores on disk), whose CPU time can be read. */
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSellerClient } from '@everopen/client';

const address = { host: '127.0.0.1', port: 0 };
const clusterKey = 'the-cluster-key-of-a-bench';
/** Linux counts CPU time in hundredths of a second. */
const TICKS_PER_S = 100;

export const PASSWORD = 'plum tree by the gate';
export const CARD = {
  holderName: 'Ada Lovelace',
  number: '4111111111111111',
  expiryMonth: 12,
  expiryYear: new Date().getUTCFullYear() + 3,
  securityCode: '123',
};

export async function startMarketplace() {
  const directory = mkdtempSync(join(tmpdir(), 'everopen-bench-'));
  const processes = new Map();
  const start = async (kind, config) => {
    const child = fork(join(import.meta.dirname, 'component.mjs'), [kind, JSON.stringify(config)]);
    processes.set(kind, child);
    return new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`${kind} ended with ${code}`)));
    });
  };
  const database = (name) => ({
    member: 'a',
    members: ['a'],
    address,
    clusterKey,
    engine: 'solo',
    store: 'sqlite',
    dataDirectory: join(directory, name),
    clusterId: `bench-${name}`,
  });
  const customersPort = await start('customers', database('customers'));
  const productsPort = await start('products', database('products'));
  const payment = { address, clusterKey, dataDirectory: join(directory, 'payment'), declineShare: 0 };
  const paymentPort = await start('payment', payment);
  const server = {
    address,
    clusterKey,
    currency: 'EUR',
    tokenSecret: 'the token secret of a bench, long enough',
    customersDb: [`127.0.0.1:${customersPort}`],
    productsDb: [`127.0.0.1:${productsPort}`],
    paymentUrl: `http://127.0.0.1:${paymentPort}/payment`,
  };
  const sellerUrl = `http://127.0.0.1:${await start('seller', server)}`;
  const buyerUrl = `http://127.0.0.1:${await start('buyer', server)}`;
  return {
    sellerUrl,
    buyerUrl,
    /** Milliseconds of CPU time that each process has used so far. */
    cpuMs: () => Object.fromEntries([...processes].map(([kind, { pid }]) => [kind, cpuMsOf(pid)])),
    stop: async () => {
      const ends = [...processes.values()].map(
        (child) => new Promise((resolve) => child.once('exit', resolve)),
      );
      for (const child of processes.values()) child.disconnect();
      await Promise.all(ends);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function listItems(sellerUrl, count, changes = {}) {
  const seller = createSellerClient({ servers: [sellerUrl] });
  await seller.register({ username: 'bench-seller', password: PASSWORD, displayName: 'Seller' });
  await seller.logIn({ username: 'bench-seller', password: PASSWORD });
  const ids = [];
  for (let i = 0; i < count; i++) {
    const { item } = await seller.listItem({
      name: `Bench item ${i}`,
      category: i % 10,
      keywords: ['bench'],
      condition: 'new',
      priceMinor: 1_299,
      quantity: 1_000_000,
      ...changes,
    });
    ids.push(item.itemId);
  }
  await seller.close();
  return ids;
}

/**
 * Runs `operation(n)` from `concurrency` loops at once, first to warm up, then measured. CPU is that of the
 * marketplace's processes alone; the load generator's own is told apart.
 */
export async function measure(name, marketplace, { operations, warmUp, concurrency }, operation) {
  await repeat(warmUp, concurrency, operation);
  const before = { cpu: marketplace.cpuMs(), own: process.cpuUsage(), atMs: performance.now() };
  const latencies = await repeat(operations, concurrency, operation);
  const wallMs = performance.now() - before.atMs;
  const own = process.cpuUsage(before.own);
  const after = marketplace.cpuMs();
  const micros = (ms) => Math.round((ms * 1_000) / operations);
  const byProcess = Object.fromEntries(
    Object.entries(after).map(([kind, ms]) => [kind, micros(ms - before.cpu[kind])]),
  );
  latencies.sort((a, b) => a - b);
  const at = (share) => Number(latencies[Math.floor(latencies.length * share)].toFixed(2));
  console.log(
    JSON.stringify({
      name,
      operations,
      concurrency,
      cpuMicrosPerOperation: Object.values(byProcess).reduce((sum, one) => sum + one, 0),
      byProcess,
      loadGeneratorMicros: Math.round((own.user + own.system) / operations),
      perSecond: Math.round((operations / wallMs) * 1_000),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      node: process.version,
    }),
  );
}

async function repeat(operations, concurrency, operation) {
  const latencies = [];
  let next = 0;
  const loop = async () => {
    while (next < operations) {
      const n = next++;
      const startMs = performance.now();
      await operation(n);
      latencies.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return latencies;
}

function cpuMsOf(pid) {
  // The command, in brackets, may hold spaces; utime and stime are the 12th and 13th fields after it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_S;
}
