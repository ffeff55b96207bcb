import { CodedError, cryptoRandom, isCodedError, type Clock, type Logger, type Random } from '@everopen/core';
import type { Card } from '@everopen/payment';
import { impatientPorts } from './impatient-ports.ts';
import { lookAtPurchase } from './look-at-purchase.ts';
import type { PurchasePorts } from './ports.ts';
import { DEFAULT_PURCHASE_SETTINGS, type PurchaseSettings } from './purchase-settings.ts';
import type { PurchaseResult } from './purchase-state.ts';
import type { ExpectedLine, Order, Refusal } from './purchase-types.ts';
import { sameLines } from './refusals.ts';
import { runPurchase, type PurchaseModules, type PurchaseRun } from './run-purchase.ts';
import { stepPurchase } from './step-purchase.ts';
import { createSweeper } from './sweeper.ts';
import { within } from './within.ts';

export interface PurchaseRequest {
  /** The idempotency key of the purchase: a version 7 UUID, lower case. Names checkout, order and payment. */
  readonly checkoutKey: string;
  /** SHA-256 of the secret session id, as the customers database knows it. */
  readonly sessionKey: Uint8Array;
  /** The lines of the cart, with the prices the buyer saw. */
  readonly lines: readonly ExpectedLine[];
  /** Checked before (`validateCard` of payment): a card that payment refuses uses the key up. */
  readonly card: Card;
}

export type PurchaseOutcome =
  | { readonly status: 'paid'; readonly checkoutKey: string; readonly order: Order }
  /** Reserved and undecided. The same key with a card goes on; past the deadline a sweeper ends it. */
  | {
      readonly status: 'pending';
      readonly checkoutKey: string;
      readonly lines: readonly ExpectedLine[];
      readonly retryAfterMs: number;
    };

/** What a look at a purchase can show beside the outcomes: it was called off for ever, nothing was charged. */
export type PurchaseView =
  | PurchaseOutcome
  | {
      readonly status: 'refused';
      readonly checkoutKey: string;
      readonly lines: readonly ExpectedLine[];
      readonly refusal: Refusal;
    };

export interface PurchaseFlow {
  /**
   * Buys what the cart holds, or goes on with a purchase of this key. Resolves or rejects within
   * `answerWithinMs`. Rejects with a `CodedError`:
   *
   * - nothing happened: `CartEmpty`, `CartChanged`, `KeyReused`, `KeyExpired`, `Unauthenticated`,
   *   `InvalidArgument`, `Overloaded`, `Closed`;
   * - refused, for ever, nothing charged, the cart as it was: `OutOfStock`, `PriceChanged`, `QuotaExceeded`,
   *   `MixedCurrencies`, `NotFound` (an item), `InvalidCard`, `PaymentDeclined`, `PaymentVoided`, `OrderAborted`.
   *   Repeated under the key, at any server, it is the same refusal, to the words and details;
   * - not known whether it began, repeat with the same key: `Unknown`, `DeadlineExceeded`, `NotReady`;
   * - `Internal`: databases and payment contradict each other, and the log says how.
   */
  purchase(request: PurchaseRequest): Promise<PurchaseOutcome>;
  /** What became of a purchase of this session's buyer. `NotFound` for an unknown key and for another's. */
  lookup(checkoutKey: string, sessionKey: Uint8Array): Promise<PurchaseView>;
  /** From now on, finishes what servers have left behind, every few seconds, until `stop`. */
  startSweeper(): void;
  /** Takes no more purchases; resolves when those in flight are answered (bounded by `answerWithinMs`). */
  stop(): Promise<void>;
}

interface Flight extends PurchaseRun {
  readonly request: PurchaseRequest;
}

/** The purchase flow of one server. It keeps nothing: any server goes on with any purchase. */
export function createPurchaseFlow(options: {
  readonly ports: PurchasePorts;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings?: Partial<PurchaseSettings>;
  readonly random?: Random;
  /** The core. Only tests put another one here, to see that a wrong one is caught. */
  readonly step?: typeof stepPurchase;
}): PurchaseFlow {
  const settings = { ...DEFAULT_PURCHASE_SETTINGS, ...options.settings };
  const modules: PurchaseModules = {
    ...options,
    ports: impatientPorts(options.ports, options.clock),
    settings,
    random: options.random ?? cryptoRandom,
    step: options.step ?? stepPurchase,
  };
  const { ports, clock, logger } = modules;
  /** One flow a key: who comes with the same key meanwhile waits for it. */
  const flights = new Map<string, Flight>();
  const sweeper = createSweeper(modules, (key) => flights.has(key));
  let waiting = 0;
  let stopped = false;

  function admit(): void {
    if (stopped) throw new CodedError('Closed', 'This server is shutting down');
    if (Math.max(waiting, flights.size) < settings.maxInFlight) return;
    throw new CodedError('Overloaded', `This server carries ${settings.maxInFlight} purchases already`, {
      details: { limit: settings.maxInFlight },
    });
  }

  function takeOff(request: PurchaseRequest, waitMs: number): Flight {
    const { checkoutKey: key, sessionKey, lines, card } = request;
    const run = runPurchase(modules, { task: { mode: 'buyer', key, sessionKey, lines }, card, waitMs });
    const flight = { ...run, request };
    flights.set(key, flight);
    void run.ended.then(() => flights.delete(key));
    return flight;
  }

  /** The flight with this request's key: a running one if it is the same request, else a new one. */
  async function board(request: PurchaseRequest): Promise<Flight> {
    const deadlineMs = clock.monotonicMs() + settings.answerWithinMs;
    for (;;) {
      const leftMs = deadlineMs - clock.monotonicMs();
      const flight = flights.get(request.checkoutKey);
      if (flight === undefined) return takeOff(request, Math.max(1, leftMs));
      if (Buffer.compare(flight.request.sessionKey, request.sessionKey) === 0) {
        if (sameLines(flight.request.lines, request.lines)) return flight;
        throw new CodedError('KeyReused', 'This key is being used for another cart');
      }
      // Another session: perhaps the same buyer, perhaps not. The databases will tell, after this flight.
      await within(clock, Math.max(1, leftMs), flight.ended);
    }
  }

  function outcomeOf(request: PurchaseRequest, result: PurchaseResult): PurchaseOutcome {
    const { checkoutKey, lines } = request;
    switch (result.status) {
      case 'paid':
        return { status: 'paid', checkoutKey, order: result.order };
      case 'pending':
        return { status: 'pending', checkoutKey, lines, retryAfterMs: settings.pendingRetryAfterMs };
      case 'refused':
        throw errorOf(result.refusal);
      case 'contradiction':
        throw reported(checkoutKey, result.message);
    }
  }

  function reported(checkoutKey: string, message: string): CodedError {
    logger.error({ key: checkoutKey }, message);
    return new CodedError('Internal', 'This purchase needs to be looked at by the shop');
  }

  return {
    purchase: async (request) => {
      admit();
      waiting++;
      try {
        const flight = await board(request);
        return outcomeOf(request, await flight.answer);
      } finally {
        waiting--;
      }
    },

    lookup: async (checkoutKey, sessionKey) => {
      const limit = { timeoutMs: settings.databaseTimeoutMs };
      const { buyerId } = await ports.customers.checkBuyerSession(sessionKey, limit);
      const checkout = await orUndefined(ports.customers.getCheckout(checkoutKey, limit));
      const order = await orUndefined(ports.products.getOrder(checkoutKey, limit));
      const result = lookAtPurchase(buyerId, checkout, order);
      if (result === undefined) throw new CodedError('NotFound', 'You have no purchase with this key');
      const lines = order?.lines ?? checkout?.lines ?? [];
      switch (result.status) {
        case 'paid':
          return { status: 'paid', checkoutKey, order: result.order };
        case 'pending':
          return { status: 'pending', checkoutKey, lines, retryAfterMs: settings.pendingRetryAfterMs };
        case 'refused':
          return { status: 'refused', checkoutKey, lines, refusal: result.refusal };
        case 'contradiction':
          throw reported(checkoutKey, result.message);
      }
    },

    startSweeper: () => sweeper.start(),

    stop: async () => {
      stopped = true;
      await Promise.all([sweeper.stop(), ...[...flights.values()].map((flight) => flight.ended)]);
    },
  };
}

function errorOf({ code, message, details }: Refusal): CodedError {
  return new CodedError(code, message, { details });
}

async function orUndefined<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    // `KeyExpired`: it was a day ago, and this database remembers it no more.
    if (isCodedError(error, 'NotFound') || isCodedError(error, 'KeyExpired')) return undefined;
    throw error;
  }
}
