import { CodedError, seededRandom, silentLogger, type Logger } from '@everopen/core';
import { SimulatedClock, World } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import { aCheckout, anOrder, fakePorts, KEY } from '../../test/fakes/fake-ports.ts';
import { deliverFeedback } from './deliver-feedback.ts';
import { impatientPorts } from './impatient-ports.ts';
import { planCheckoutSweep, planOrderSweep } from './plan-sweep.ts';
import type { PurchasePorts } from './ports.ts';
import { DEFAULT_PURCHASE_SETTINGS } from './purchase-settings.ts';
import { retryPauseMs } from './retry-pause.ts';
import { stepPurchase } from './step-purchase.ts';
import { createSweeper, type Sweeper } from './sweeper.ts';

const DEADLINES = { reservationMs: 60_000, recordWithinMs: 3_000 };
const never = (): Promise<never> => new Promise(() => {});
const keyOf = (index: number): string => KEY.slice(0, -2) + String(index).padStart(2, '0');

function stage(
  ports: PurchasePorts,
  isBusy: (key: string) => boolean = () => false,
): { world: World; sweeper: Sweeper; warned: string[]; sweep: () => Promise<void> } {
  const world = new World({ seed: 1 });
  const clock = new SimulatedClock(world);
  const warned: string[] = [];
  const log = (facts: object, message: string): void => void warned.push(JSON.stringify([message, facts]));
  const logger: Logger = { ...silentLogger, warn: log, error: log };
  const settings = { ...DEFAULT_PURCHASE_SETTINGS, sweepConcurrency: 2 };
  const random = seededRandom(1);
  const modules = { clock, random, logger, settings, step: stepPurchase };
  const sweeper = createSweeper({ ...modules, ports: impatientPorts(ports, clock) }, isBusy);
  const sweep = async (): Promise<void> => {
    let done = false;
    void sweeper.sweepOnce().then(() => (done = true));
    expect(await world.runUntil(() => done, 200_000)).toBe(true);
  };
  return { world, sweeper, warned, sweep };
}

describe('what is old enough for a sweep', () => {
  it('is a paid order after seconds, first of all, and a reserved one after its deadline', () => {
    const orders = [
      anOrder({ orderKey: keyOf(1), state: 'reserved', placedAtUnixMs: 40_000 }),
      anOrder({ orderKey: keyOf(2), state: 'reserved', placedAtUnixMs: 40_001 }),
      anOrder({ orderKey: keyOf(3), state: 'paid', placedAtUnixMs: 97_000 }),
      anOrder({ orderKey: keyOf(4), state: 'paid', placedAtUnixMs: 97_001 }),
    ];
    const plan = planOrderSweep(orders, 100_000, DEADLINES);
    expect(plan.map((task) => task.key)).toEqual([keyOf(3), keyOf(1)]);
  });

  it('is a checkout after its deadline', () => {
    const checkouts = [
      aCheckout({ checkoutKey: keyOf(1), begunAtUnixMs: 40_000 }),
      aCheckout({ checkoutKey: keyOf(2), begunAtUnixMs: 40_001 }),
    ];
    expect(planCheckoutSweep(checkouts, 100_000, DEADLINES).map((task) => task.key)).toEqual([keyOf(1)]);
  });
});

describe('a sweeper', () => {
  const oldOrders = (count: number) => async () => ({
    orders: Array.from({ length: count }, (_, index) => anOrder({ orderKey: keyOf(index) })),
    logTimeUnixMs: 1_000_000,
  });

  it('voids, cancels, and gives the lines back', async () => {
    const ports = fakePorts({ products: { listUnfinishedOrders: oldOrders(1) } });
    await stage(ports).sweep();
    expect(ports.calls).toEqual([
      'listUnfinishedOrders',
      'void',
      'cancelOrder',
      'abortCheckout',
      'listOpenCheckouts',
      'listUndeliveredFeedback',
    ]);
  });

  it('takes on a bounded number at a time', async () => {
    let atATime = 0;
    let most = 0;
    const answer: PurchasePorts['payment']['void'] = async () => {
      most = Math.max(most, ++atATime);
      await Promise.resolve();
      atATime--;
      return { result: 'voided' };
    };
    const ports = fakePorts({
      products: { listUnfinishedOrders: oldOrders(9) },
      payment: { void: answer },
    });
    await stage(ports).sweep();
    expect(ports.calls.filter((call) => call === 'abortCheckout')).toHaveLength(9);
    expect(most).toBe(2);
  });

  it('leaves a purchase alone whose buyer is being served here', async () => {
    const ports = fakePorts({ products: { listUnfinishedOrders: oldOrders(1) } });
    await stage(ports, (key) => key === keyOf(0)).sweep();
    expect(ports.calls).not.toContain('void');
  });

  it('gives up on a payment that does not answer, and goes on with everything else', async () => {
    const ports = fakePorts({
      products: { listUnfinishedOrders: oldOrders(1) },
      payment: { void: never },
    });
    const { sweep, world } = stage(ports);
    await sweep();
    expect(world.nowMs).toBe(DEFAULT_PURCHASE_SETTINGS.sweepFlowMs);
    expect(ports.calls.slice(-2)).toEqual(['listOpenCheckouts', 'listUndeliveredFeedback']);
  });

  it('that meets a contradiction reports it', async () => {
    const cancelOrder = async () => anOrder({ state: 'paid' });
    const ports = fakePorts({ products: { listUnfinishedOrders: oldOrders(1), cancelOrder } });
    const { sweep, warned } = stage(ports);
    await sweep();
    expect(warned.join()).toContain('nothing will ever be charged, and the order is paid');
  });

  it('says what it could not do, and does the rest', async () => {
    const listUnfinishedOrders = async (): Promise<never> => {
      throw new CodedError('NotReady', 'No leader');
    };
    const ports = fakePorts({ products: { listUnfinishedOrders }, customers: { listOpenCheckouts: never } });
    const { sweep, warned } = stage(ports);
    await sweep();
    expect(warned.map((line) => JSON.parse(line)[1])).toEqual([
      { part: 'orders', code: 'NotReady' },
      { part: 'checkouts', code: 'DeadlineExceeded' },
    ]);
    expect(ports.calls).toContain('listUndeliveredFeedback');
  });

  it('sweeps now and then, each pause of its own length, until it is stopped', async () => {
    const atMs: number[] = [];
    const listUnfinishedOrders: PurchasePorts['products']['listUnfinishedOrders'] = async () => {
      atMs.push(world.nowMs);
      return { orders: [], logTimeUnixMs: 0 };
    };
    const { world, sweeper } = stage(fakePorts({ products: { listUnfinishedOrders } }));
    sweeper.start();
    sweeper.start();
    await world.run(60_000);
    const pauses = atMs.map((at, index) => at - (atMs[index - 1] ?? 0));
    expect(pauses.length).toBeGreaterThan(13);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(1_500);
    for (const pause of pauses) expect(pause).toBeLessThan(4_500);
    expect(new Set(pauses).size).toBe(pauses.length);
    await sweeper.stop();
    sweeper.start();
    await world.run(120_000);
    expect(atMs).toHaveLength(pauses.length);
  });
});

describe('feedback on its way', () => {
  const outbox = [1, 2, 3].map((feedbackNumber) => ({ feedbackNumber, itemId: 7, thumbsUp: true }));
  const settings = { sweepLimit: 10, databaseTimeoutMs: 1_000 };

  it('M18: is counted in order, then acknowledged', async () => {
    const counted: number[] = [];
    const acknowledged: number[] = [];
    const ports = fakePorts({
      customers: {
        listUndeliveredFeedback: async () => outbox,
        acknowledgeFeedback: async (upTo) => void acknowledged.push(upTo),
      },
      products: { countFeedback: async ({ feedbackNumber }) => void counted.push(feedbackNumber) },
    });
    expect(await deliverFeedback(ports, settings)).toBe(3);
    expect(counted).toEqual([1, 2, 3]);
    expect(acknowledged).toEqual([3]);
  });

  it('that fails in the middle is acknowledged as far as it got', async () => {
    const acknowledged: number[] = [];
    const ports = fakePorts({
      customers: {
        listUndeliveredFeedback: async () => outbox,
        acknowledgeFeedback: async (upTo) => void acknowledged.push(upTo),
      },
      products: {
        countFeedback: async ({ feedbackNumber }) => {
          if (feedbackNumber === 3) throw new CodedError('NotReady', 'No leader');
        },
      },
    });
    await expect(deliverFeedback(ports, settings)).rejects.toMatchObject({ code: 'NotReady' });
    expect(acknowledged).toEqual([2]);
  });
});

describe('the pause before a call is repeated', () => {
  it('doubles up to its limit, and is never shorter than half of it', () => {
    const settings = { retryPauseFirstMs: 20, retryPauseMaxMs: 1_000 };
    const random = seededRandom(1);
    for (const [attempts, fullMs] of [
      [1, 20],
      [2, 40],
      [6, 640],
      [7, 1_000],
      [2_000, 1_000],
    ] as const) {
      for (let draw = 0; draw < 50; draw++) {
        const pauseMs = retryPauseMs(attempts, settings, random);
        expect(pauseMs).toBeGreaterThanOrEqual(fullMs / 2);
        expect(pauseMs).toBeLessThan(fullMs);
      }
    }
  });
});
