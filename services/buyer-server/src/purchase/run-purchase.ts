import { isCodedError, type Clock, type Logger, type Random } from '@everopen/core';
import type { Card } from '@everopen/payment';
import { failureOf, makeCall } from './make-call.ts';
import type { PurchasePorts } from './ports.ts';
import type { PurchaseSettings } from './purchase-settings.ts';
import {
  startPurchase,
  type PurchaseCall,
  type PurchaseEffect,
  type PurchaseEvent,
  type PurchaseResult,
  type PurchaseTask,
} from './purchase-state.ts';
import { retryPauseMs } from './retry-pause.ts';
import type { stepPurchase } from './step-purchase.ts';
import { sleep } from './within.ts';

export interface PurchaseModules {
  /** Impatient ones: every call settles within its limit. */
  readonly ports: PurchasePorts;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: PurchaseSettings;
  readonly step: typeof stepPurchase;
}

export interface PurchaseRun {
  /** Resolves within `waitMs`. Rejects only for a bug. */
  readonly answer: Promise<PurchaseResult>;
  /** Resolves when the run has nothing left to do, within `waitMs` too. Never rejects. */
  readonly ended: Promise<void>;
}

/** The shell around `stepPurchase`: makes its calls, keeps its time, hands out its answer. */
export function runPurchase(
  modules: PurchaseModules,
  options: { readonly task: PurchaseTask; readonly card?: Card; readonly waitMs: number },
): PurchaseRun {
  const { ports, clock, random, logger, settings, step } = modules;
  const { task, card, waitMs } = options;
  const deadlineMs = clock.monotonicMs() + waitMs;
  const leftMs = (): number => deadlineMs - clock.monotonicMs();
  const { promise: answer, resolve, reject } = withResolvers<PurchaseResult>();

  async function call(purchaseCall: PurchaseCall): Promise<PurchaseEvent> {
    const isPayment = purchaseCall.call === 'charge' || purchaseCall.call === 'void';
    const usualMs = isPayment ? settings.paymentTimeoutMs : settings.databaseTimeoutMs;
    const timeoutMs = Math.max(1, Math.min(usualMs, leftMs()));
    try {
      return await makeCall(ports, purchaseCall, card, { timeoutMs });
    } catch (error) {
      const failure = failureOf(error);
      // The code alone: the error of a port may quote what was sent, and that may be a card.
      const facts = { key: task.key, call: purchaseCall.call, code: failure.code };
      if (isCodedError(error)) logger.debug(facts, 'a call of a purchase failed');
      else logger.error({ ...facts, name: nameOf(error) }, 'a port failed with an error that is not ours');
      return { kind: 'failed', failure };
    }
  }

  /** Carries the effects out; gives the event that they lead to, or nothing at the end. */
  async function carryOut(effects: readonly PurchaseEffect[]): Promise<PurchaseEvent | undefined> {
    let next: PurchaseEvent | undefined;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'answer':
          resolve(effect.result);
          break;
        case 'call':
          next = leftMs() > 0 ? await call(effect.call) : { kind: 'deadline' };
          break;
        case 'retry-later':
          await sleep(
            clock,
            Math.max(0, Math.min(retryPauseMs(effect.attempts, settings, random), leftMs())),
          );
          next = leftMs() > 0 ? { kind: 'retry' } : { kind: 'deadline' };
          break;
      }
    }
    return next;
  }

  async function run(): Promise<void> {
    let { state, effects } = step(startPurchase(task), { kind: 'started' });
    for (;;) {
      const event = await carryOut(effects);
      if (event === undefined) return;
      ({ state, effects } = step(state, event));
    }
  }

  const ended = run().catch((error: unknown) => {
    logger.error({ key: task.key, error }, 'a purchase stopped at a broken assertion');
    reject(error);
  });
  return { answer, ended };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
