import { deliverFeedback } from './deliver-feedback.ts';
import { failureOf } from './make-call.ts';
import { planCheckoutSweep, planOrderSweep } from './plan-sweep.ts';
import type { PurchaseTask } from './purchase-state.ts';
import { runPurchase, type PurchaseModules } from './run-purchase.ts';

export interface Sweeper {
  /** Sweeps now and then, each pause drawn by chance, until `stop`. Calling it again changes nothing. */
  start(): void;
  /** One sweep: bounded in number and time. Never rejects; what fails is left to the next. */
  sweepOnce(): Promise<void>;
  /** No more sweeps; resolves when the one that runs has ended. */
  stop(): Promise<void>;
}

/**
 * Finishes what other servers, or this one before a crash, have left: paid orders are recorded, reserved
 * orders and open checkouts past their deadline are ended, feedback on items is delivered. Every server
 * sweeps; that several take on the same purchase is safe and only costs a few calls.
 *
 * @param isBusy a key whose buyer is being served here: he is further than a sweep could be.
 */
export function createSweeper(modules: PurchaseModules, isBusy: (key: string) => boolean): Sweeper {
  const { ports, clock, random, logger, settings } = modules;
  const limit = { timeoutMs: settings.databaseTimeoutMs };
  let started = false;
  let stopped = false;
  let sweeping: Promise<void> = Promise.resolve();
  let timer: { cancel(): void } | undefined;

  async function finish(tasks: readonly PurchaseTask[]): Promise<void> {
    const queue = tasks.filter((task) => !isBusy(task.key));
    const worker = async (): Promise<void> => {
      for (let task = queue.shift(); task !== undefined && !stopped; task = queue.shift()) {
        const run = runPurchase(modules, { task, waitMs: settings.sweepFlowMs });
        const result = await run.answer;
        await run.ended;
        const facts = { key: task.key, mode: task.mode, status: result.status };
        if (result.status === 'contradiction') logger.error(facts, result.message);
        else logger.info(facts, 'swept a purchase');
      }
    };
    await Promise.all(Array.from({ length: settings.sweepConcurrency }, worker));
  }

  async function sweepOrders(): Promise<void> {
    const request = { placedBeforeUnixMs: 0, limit: settings.sweepLimit };
    const listed = await ports.products.listUnfinishedOrders(request, limit);
    await finish(planOrderSweep(listed.orders, listed.logTimeUnixMs, settings));
  }

  async function sweepCheckouts(): Promise<void> {
    const request = { begunBeforeUnixMs: 0, limit: settings.sweepLimit };
    const listed = await ports.customers.listOpenCheckouts(request, limit);
    await finish(planCheckoutSweep(listed.checkouts, listed.logTimeUnixMs, settings));
  }

  async function attempt(part: string, sweep: () => Promise<unknown>): Promise<void> {
    try {
      await sweep();
    } catch (error) {
      logger.warn({ part, code: failureOf(error).code }, 'a sweep failed; the next one goes on');
    }
  }

  async function sweepOnce(): Promise<void> {
    // Orders first: they end most of the checkouts that would be looked at next.
    await attempt('orders', sweepOrders);
    await attempt('checkouts', sweepCheckouts);
    await attempt('feedback', () => deliverFeedback(ports, settings));
  }

  function schedule(): void {
    const pauseMs = settings.sweepPauseMs * (0.5 + random.float());
    timer = clock.setTimer(
      pauseMs,
      () => {
        sweeping = sweepOnce().then(() => {
          if (!stopped) schedule();
        });
      },
      { background: true },
    );
  }

  return {
    start: () => {
      if (started || stopped) return;
      started = true;
      schedule();
    },
    sweepOnce,
    stop: async () => {
      stopped = true;
      timer?.cancel();
      await sweeping;
    },
  };
}
