import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBuyerServer } from '@everopen/buyer-server';
import { silentLogger, type RunningService } from '@everopen/core';
import { startCustomersDb } from '@everopen/customers-db';
import { startPayment } from '@everopen/payment';
import { startProductsDb } from '@everopen/products-db';
import { startSellerServer } from '@everopen/seller-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignTool } from './foreign-tool.ts';

const found = foreignTool('curl', () => execFileSync('curl', ['--version'], { stdio: 'ignore' }));
const address = { host: '127.0.0.1', port: 0 };
const clusterKey = 'the-cluster-key-of-this-test';

describe.skipIf(!found)('the REST interfaces and curl', () => {
  const running: RunningService[] = [];
  let directory = '';
  let urls = { SELLERS: '', BUYERS: '' };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'everopen-curl-'));
    const common = { address, clusterKey, logger: silentLogger };
    const onFatal = (error: Error): never => {
      throw error;
    };
    const start = async (service: Promise<RunningService>): Promise<string> => {
      const one = await service;
      running.unshift(one);
      return `${one.address.host}:${one.address.port}`;
    };
    const replica = (name: string) => ({
      ...common,
      ...({ member: 'a', members: ['a'], engine: 'solo', store: 'memory' } as const),
      dataDirectory: join(directory, name),
      clusterId: `curl-${name}`,
      onFatal,
    });
    const customersDb = [await start(startCustomersDb(replica('customers')))];
    const productsDb = [await start(startProductsDb(replica('products')))];
    const dataDirectory = join(directory, 'payment');
    const payment = await start(startPayment({ ...common, dataDirectory, onFatal }));
    const tokenSecret = 'the token secret of this test, long enough';
    const config = { ...common, customersDb, productsDb, tokenSecret, currency: 'EUR' };
    const paymentUrl = `http://${payment}/payment`;
    urls = {
      SELLERS: `http://${await start(startSellerServer(config))}`,
      BUYERS: `http://${await start(startBuyerServer({ ...config, paymentUrl }))}`,
    };
  });
  afterAll(async () => {
    for (const service of running) await service.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('S1: the examples of docs/api.md run as they stand', async () => {
    const docs = await readFile(join(import.meta.dirname, '../../docs/api.md'), 'utf8');
    const blocks = [...docs.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
    expect(blocks.length).toBeGreaterThan(2);
    const script = join(directory, 'examples.sh');
    await writeFile(script, `set -euo pipefail\n${blocks.join('\n')}`);
    const { status, output } = await run(script, urls);
    expect(output).not.toContain('urn:everopen:error');
    expect(output).toContain('paid');
    expect(output).toMatch(/"thumbsUp":1.*"itemsSold":2.*"totalMinor":2198/);
    expect(status).toBe(0);
  });
});

function run(
  script: string,
  env: Record<string, string>,
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', [script], { env: { ...process.env, ...env } });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (status) => resolve({ status, output }));
  });
}
