import { seededRandom } from '@everopen/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeStatus } from '../../apps/cli/src/supervisor/node-status.ts';
import { eventually, statusOf } from '../marketplace/run-everopen.ts';
import { startMarketplace, type RunningMarketplace } from '../marketplace/running-marketplace.ts';
import { missingFromHistory, shop, shoppingRecord } from '../marketplace/shopper.ts';
import { startStockProbe } from '../marketplace/stock-probe.ts';

const SECONDS = Number(process.env['EVEROPEN_CHAOS_SECONDS'] ?? 60);
const SEED = Number(process.env['EVEROPEN_SEED'] ?? 1);
const BUYERS = 20;
const PAUSE_MS = 1_000;

type Pick = (replicas: readonly NodeStatus[]) => readonly NodeStatus[];

const random = seededRandom(SEED);
const leads = ({ role }: NodeStatus): boolean => role === 'leader';
/** Who is killed at one moment, in turns. */
const VICTIMS: Readonly<Record<string, Pick>> = {
  'the leader': (replicas) => replicas.filter(leads),
  'a follower': (replicas) => [random.pick(replicas.filter((replica) => !leads(replica)))],
  'any two': (replicas) => {
    const first = random.pick(replicas);
    return [first, random.pick(replicas.filter((replica) => replica !== first))];
  },
  'all five': (replicas) => replicas,
};

const sleep = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

describe('R1, R2, R3, S4, O9: kill −9 of replicas of the products database while 20 buyers shop', () => {
  let market: RunningMarketplace;
  beforeAll(async () => {
    const servers = ['--buyer-servers', '2', '--seller-servers', '1'];
    // Killed again and again, they are restarted as if it were the first time.
    const restarts = ['--healthy-after-ms', '500'];
    market = await startMarketplace('--no-demo', ...servers, ...restarts);
    await market.everopen('demo');
  });
  afterAll(() => market.close());

  const replicas = async (): Promise<NodeStatus[]> =>
    (await statusOf(market.data)).nodes.filter(({ kind }) => kind === 'products-db');

  it(`loses and doubles nothing that was acknowledged (${SECONDS} s, seed ${SEED})`, async () => {
    const record = shoppingRecord();
    const endsMs = performance.now() + SECONDS * 1000;
    const until = (): boolean => performance.now() >= endsMs;
    const shoppers = Array.from({ length: BUYERS }, (_, index) =>
      shop({
        servers: market.buyerServers,
        name: `shopper-${index}`,
        random: seededRandom(SEED * 1000 + index),
        record,
        until,
      }),
    );
    const addresses = (await replicas()).map(({ address }) => `${address.host}:${address.port}`);
    const probe = await startStockProbe(market.data, addresses);
    const gapsMs: Record<string, number[]> = {};
    while (!until()) {
      for (const [name, pick] of Object.entries(VICTIMS)) {
        await eventually('all replicas run, and one leads', async () => {
          const all = await replicas();
          return all.every(({ state }) => state === 'ready') && all.filter(leads).length === 1;
        });
        await sleep(PAUSE_MS + random.below(PAUSE_MS));
        const victims = pick(await replicas());
        await probe.longestGapMs();
        for (const { pid } of victims) if (pid !== undefined) process.kill(pid, 'SIGKILL');
        await sleep(PAUSE_MS);
        (gapsMs[name] ??= []).push(await probe.longestGapMs());
      }
    }
    const buyers = await Promise.all(shoppers);
    const stock = await probe.stop();

    const audit = await market.everopen('check', '--json').catch((error: Error) => error.message);
    const seen = {
      'longest pause between two writes, ms, when these were killed': gapsMs,
      writes: stock,
      calls: record.calls,
      paid: record.paid.size,
      longestCallMs: Math.round(record.longestCallMs),
      refusals: Object.fromEntries(record.refusals),
    };
    console.log(JSON.stringify(seen, null, 2), audit);
    expect(stock.added).toBe(stock.acknowledged);
    expect(record.surprises).toEqual([]);
    expect(JSON.parse(audit)).toMatchObject({ clean: true });
    expect(record.paid.size).toBeGreaterThan(BUYERS);
    expect(await missingFromHistory(buyers, [...record.paid.keys()])).toEqual([]);
    const digests = JSON.parse(audit) as { invariants: { name: string }[] };
    expect(digests.invariants.map(({ name }) => name)).toContain('digests');
  });
});
