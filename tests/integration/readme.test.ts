import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMarketplace, type RunningMarketplace } from '../marketplace/running-marketplace.ts';

const root = join(import.meta.dirname, '../..');
const DEFAULT_BASE_PORT = 8080;

interface Answer {
  readonly state?: string;
  readonly orderId?: number;
  readonly paymentReference?: string;
}

describe('README.md', () => {
  let market: RunningMarketplace;
  beforeAll(async () => {
    market = await startMarketplace('--no-demo', '--small');
    await market.everopen('demo');
  });
  afterAll(() => market.close());

  it('S1: buys with nothing but curl, word for word, and a repeat is the same order', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const block = /```bash\n([\s\S]*?)```/.exec(readme)?.[1];
    if (block === undefined) throw new Error('README.md has no block of commands');
    // This marketplace is small (one buyer server) and listens elsewhere; nothing else is changed.
    const script = block
      .replaceAll('127.0.0.1:8093', '127.0.0.1:8091')
      .replaceAll(
        /127\.0\.0\.1:(\d+)/g,
        (_, port) => `127.0.0.1:${market.basePort + Number(port) - DEFAULT_BASE_PORT}`,
      )
      .replaceAll('npx everopen', `${process.execPath} ${join(root, 'apps/cli/bin/everopen.js')}`);
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: root });
    const answers = stdout
      .replaceAll('}{', '}\n{')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
    const [first, again] = answers.slice(-2);
    expect(first).toMatchObject({ state: 'paid', orderId: 1 });
    expect(again).toEqual(first);
    expect(JSON.parse(await market.everopen('check', '--json'))).toMatchObject({
      clean: true,
      counts: { orders: 1, purchases: 1, charges: 1, unitsSold: 2 },
    });
  });
});
