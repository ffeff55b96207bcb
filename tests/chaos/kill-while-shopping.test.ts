import { seededRandom } from '@everopen/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMarketplace, type RunningMarketplace } from '../marketplace/running-marketplace.ts';
import { missingFromHistory, shop, shoppingRecord } from '../marketplace/shopper.ts';

const SECONDS = Number(process.env['EVEROPEN_CHAOS_SECONDS'] ?? 60);
const SEED = Number(process.env['EVEROPEN_SEED'] ?? 1);
const BUYERS = 50;
const PAUSE_MS = 1_500;

const sleep = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

describe('O9, S2, S3, M14: kill −9 of anything while 50 buyers shop', () => {
  let market: RunningMarketplace;
  beforeAll(async () => {
    market = await startMarketplace('--no-demo');
    await market.everopen('demo');
  });
  afterAll(() => market.close());

  it(`loses, doubles and leaves nothing half done (${SECONDS} s, seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
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
    const kills: Record<string, number> = {};
    while (!until()) {
      await sleep(random.below(2 * PAUSE_MS));
      const node = random.pick(market.nodes);
      // A node that is being restarted just now cannot be killed: somebody was faster, and that is fine.
      const killed = await market.everopen('kill', node).then(
        () => true,
        () => false,
      );
      if (killed) kills[node] = (kills[node] ?? 0) + 1;
    }
    const buyers = await Promise.all(shoppers);

    const audit = await market.everopen('check', '--json').catch((error: Error) => error.message);
    const seen = {
      kills,
      calls: record.calls,
      paid: record.paid.size,
      longestCallMs: Math.round(record.longestCallMs),
      refusals: Object.fromEntries(record.refusals),
    };
    console.log(JSON.stringify(seen, null, 2), audit);
    expect(record.surprises).toEqual([]);
    expect(JSON.parse(audit)).toMatchObject({ clean: true });
    expect(record.paid.size).toBeGreaterThan(BUYERS);
    expect(await missingFromHistory(buyers, [...record.paid.keys()])).toEqual([]);
  });
});
