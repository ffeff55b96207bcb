import { CodedError, silentLogger, type Logger, type Random } from '@everopen/core';
import { SimulatedClock, type World } from '@everopen/simulation';
import { createGrpcPorts } from '../../src/purchase/grpc-ports.ts';
import {
  createPurchaseFlow,
  type PurchaseFlow,
  type PurchaseOutcome,
  type PurchaseRequest,
  type PurchaseView,
} from '../../src/purchase/purchase-flow.ts';
import type { PurchaseSettings } from '../../src/purchase/purchase-settings.ts';
import type { stepPurchase } from '../../src/purchase/step-purchase.ts';
import { createDatabases, type ShopDatabases } from './databases.ts';
import { checkAlways } from './invariants.ts';
import { createPaymentModel, type PaymentModel } from './payment-model.ts';

export type Place = 'customers' | 'products' | 'payment';

/** What can go wrong on the way of each message, as probabilities. */
export interface NetworkRates {
  readonly loseRequest: number;
  readonly loseAnswer: number;
  /** The request arrives a second time, up to 30 s later. */
  readonly duplicate: number;
  /** The place refuses without doing anything, as an overloaded or electing one does. */
  readonly refuse: number;
  /** Every message takes up to this long … */
  readonly delayMaxMs: number;
  /** … and with this probability a hundred times as long. */
  readonly lag: number;
}

export const CALM: NetworkRates = {
  loseRequest: 0,
  loseAnswer: 0,
  duplicate: 0,
  refuse: 0,
  delayMaxMs: 2,
  lag: 0,
};

export interface ShopOptions {
  readonly servers: number;
  readonly step?: typeof stepPurchase;
  readonly settings?: Partial<PurchaseSettings>;
  readonly sweeping?: boolean;
}

/** What befalls a server at its n-th step of a purchase, counted from 1. */
export interface Mishap {
  readonly server: number;
  readonly step: number;
  readonly what: MishapKind;
}
export const MISHAPS = ['dies before', 'dies after', 'gets no answer', 'is heard again later'] as const;
export type MishapKind = (typeof MISHAPS)[number];

interface Server {
  readonly name: string;
  life: { readonly flow: PurchaseFlow; readonly clock: SimulatedClock } | undefined;
  /** Rejections for clients whose server dies. */
  readonly waiting: Set<() => void>;
  steps: number;
}

/** The calls of a purchase, which can be killed one by one; sweepers' lists and lookups are not counted. */
export const STEPS: ReadonlySet<string> = new Set([
  'beginCheckout',
  'placeOrder',
  'charge',
  'void',
  'confirmOrder',
  'cancelOrder',
  'abortOrder',
  'abortCheckout',
  'recordPurchase',
  'markOrderRecorded',
  'getOrder',
]);

/** Long after everything has ended. */
const HEARD_AGAIN_MS = 100_000;

/**
 * A shop in a simulated world: the real databases and payment's real law, each in one place that may be out
 * of reach; buyer servers that run the real flow, die and come back empty; and a bad network between them.
 */
export class Shop {
  readonly world: World;
  readonly databases: ShopDatabases;
  readonly payment: PaymentModel;
  readonly servers: readonly Server[];
  network: NetworkRates = CALM;
  /** Payment takes this long to decide and to answer, each. */
  paymentDelayMs = 0;
  mishaps: readonly Mishap[] = [];
  /** Mishaps that took place: `dies before charge`. */
  readonly befell: string[] = [];
  /** Of servers, so far. */
  deaths = 0;
  readonly stepsOf = new Map<string, number>();
  private readonly options: ShopOptions;
  private readonly random: Random;
  private readonly unreachable = new Set<Place>();
  private readonly logger: Logger;

  constructor(world: World, options: ShopOptions) {
    this.world = world;
    this.options = options;
    this.random = world.random('network');
    this.databases = createDatabases(() => world.unixMs);
    this.payment = createPaymentModel(() => world.unixMs);
    this.logger = {
      ...silentLogger,
      // A contradiction or a broken assertion: always a failure of the run.
      error: (facts, message) => world.fail(new Error(`${message} ${JSON.stringify(facts, errorText)}`)),
    };
    this.servers = Array.from({ length: options.servers }, (_, index) => ({
      name: `server ${index}`,
      life: undefined,
      waiting: new Set<() => void>(),
      steps: 0,
    }));
    for (const index of this.servers.keys()) this.start(index);
  }

  start(index: number): void {
    const server = this.server(index);
    if (server.life !== undefined) return;
    this.world.trace.note(server.name, 'starts');
    const clock = new SimulatedClock(this.world);
    const flow = createPurchaseFlow({
      ports: this.portsFor(index, clock),
      clock,
      logger: this.logger,
      random: this.world.random(`${server.name} at ${this.world.nowMs}`),
      ...(this.options.settings && { settings: this.options.settings }),
      ...(this.options.step && { step: this.options.step }),
    });
    server.life = { flow, clock };
    if (this.options.sweeping !== false) flow.startSweeper();
  }

  kill(index: number): void {
    const server = this.server(index);
    if (server.life === undefined) return;
    this.world.trace.note(server.name, 'dies');
    this.deaths++;
    server.life.clock.stop();
    server.life = undefined;
    for (const hangUp of server.waiting) hangUp();
    server.waiting.clear();
  }

  cut(place: Place): void {
    this.unreachable.add(place);
  }

  heal(place: Place): void {
    this.unreachable.delete(place);
  }

  /** From now on everything works: what is left undone is the flow's own fault. */
  healEverything(): void {
    this.unreachable.clear();
    this.network = CALM;
    this.paymentDelayMs = 0;
    for (const index of this.servers.keys()) this.start(index);
  }

  /** A buyer's call. Rejects with `Unknown` if the server is down, dies meanwhile, or its answer is lost. */
  purchase(index: number, request: PurchaseRequest): Promise<PurchaseOutcome> {
    return this.callServer(index, (flow) => flow.purchase(request));
  }

  lookup(index: number, key: string, sessionKey: Uint8Array): Promise<PurchaseView> {
    return this.callServer(index, (flow) => flow.lookup(key, sessionKey));
  }

  private callServer<T>(index: number, call: (flow: PurchaseFlow) => Promise<T>): Promise<T> {
    const server = this.server(index);
    const { life } = server;
    const lost = (): CodedError => new CodedError('Unknown', 'The server hung up');
    if (life === undefined) return Promise.reject(lost());
    return new Promise<T>((resolve, reject) => {
      const hangUp = (): void => reject(lost());
      server.waiting.add(hangUp);
      call(life.flow)
        .finally(() => server.waiting.delete(hangUp))
        .then(resolve, reject);
    });
  }

  private portsFor(index: number, clock: SimulatedClock): ReturnType<typeof createGrpcPorts> {
    const isAlive = (): boolean => this.server(index).life?.clock === clock;
    const remote = <Methods extends object>(place: Place, methods: Methods, wrap: boolean): never =>
      Object.fromEntries(
        Object.entries(methods).map(([name, method]) => [
          name,
          async (request: unknown) => {
            const { checkoutKey, orderKey, key } = request as Record<string, string | undefined>;
            const named = { name, key: checkoutKey ?? orderKey ?? key ?? '' };
            const answer = await this.call(index, isAlive, place, named, () =>
              (method as (request: unknown) => unknown)(request),
            );
            return wrap ? { response: answer, position: undefined } : answer;
          },
        ]),
      ) as never;
    const { charge, void: voidPayment } = this.payment;
    return createGrpcPorts({
      customers: remote('customers', this.databases.customers, true),
      products: remote('products', this.databases.products, true),
      payment: remote('payment', { charge, void: voidPayment }, false),
    });
  }

  /** One message there and one back. What is lost is never answered: the flow has its own patience. */
  private call(
    index: number,
    isAlive: () => boolean,
    place: Place,
    step: NamedStep,
    act: () => unknown,
  ): Promise<unknown> {
    const never = new Promise<never>(() => {});
    if (!isAlive()) return never;
    const server = this.server(index);
    const mishap = this.mishapOf(index, step);
    if (mishap === 'dies before') {
      this.kill(index);
      return never;
    }
    const { random, network } = this;
    const placeMs = place === 'payment' ? this.paymentDelayMs : 0;
    if (mishap === 'is heard again later' || random.chance(network.duplicate)) {
      // Whatever it comes to, nobody waits for it.
      const laterMs = mishap === undefined ? random.float() * 30_000 : HEARD_AGAIN_MS;
      this.world.after(laterMs, () => void this.arrive(server, place, step, act, 'again '));
    }
    if (random.chance(network.loseRequest)) return never;
    return new Promise((resolve, reject) => {
      this.world.after(this.delayMs() + placeMs, () => {
        if (this.unreachable.has(place)) return;
        const refused = random.chance(network.refuse);
        const outcome = refused ? refusal(random) : this.arrive(server, place, step, act, '');
        if (mishap === 'dies after' && isAlive()) this.kill(index);
        if (mishap === 'gets no answer' || random.chance(network.loseAnswer)) return;
        this.world.after(this.delayMs() + placeMs, () => {
          if (!isAlive() || this.unreachable.has(place)) return;
          if (outcome.error === undefined) resolve(outcome.answer);
          else reject(outcome.error);
        });
      });
    });
  }

  private arrive(
    server: Server,
    place: Place,
    { name, key }: NamedStep,
    act: () => unknown,
    how: string,
  ): Outcome {
    if (this.unreachable.has(place)) return { answer: undefined, error: undefined };
    let outcome: Outcome;
    try {
      outcome = { answer: act(), error: undefined };
    } catch (error) {
      if (!(error instanceof CodedError)) {
        this.world.fail(error);
        return { answer: undefined, error: undefined };
      }
      outcome = { answer: undefined, error };
    }
    if (STEPS.has(name)) {
      this.stepsOf.set(name, (this.stepsOf.get(name) ?? 0) + 1);
      this.world.trace.note(server.name, `${name} ${how}${describe(outcome)}`);
      try {
        checkAlways(this, key);
      } catch (error) {
        this.world.fail(error);
      }
    }
    return outcome;
  }

  private mishapOf(index: number, { name }: NamedStep): MishapKind | undefined {
    if (!STEPS.has(name)) return undefined;
    const step = ++this.server(index).steps;
    const mishap = this.mishaps.find((each) => each.server === index && each.step === step);
    if (mishap !== undefined) this.befell.push(`${mishap.what} ${name}`);
    return mishap?.what;
  }

  private delayMs(): number {
    const { delayMaxMs, lag } = this.network;
    return this.random.float() * delayMaxMs * (this.random.chance(lag) ? 100 : 1);
  }

  private server(index: number): Server {
    const server = this.servers[index];
    if (server === undefined) throw new RangeError(`There is no server ${index}`);
    return server;
  }
}

interface NamedStep {
  readonly name: string;
  /** Of the purchase; empty for a call that is about none. */
  readonly key: string;
}

interface Outcome {
  readonly answer: unknown;
  readonly error: CodedError | undefined;
}

function refusal(random: Random): Outcome {
  const code = random.pick(['NotReady', 'Overloaded', 'NotCaughtUp', 'Unknown']);
  return { answer: undefined, error: new CodedError(code, 'Not now') };
}

function describe({ answer, error }: Outcome): string {
  if (error !== undefined) return `is refused: ${error.code}`;
  const { state, outcome } = answer as { state?: number; outcome?: string };
  return `answers ${outcome ?? state}`;
}

function errorText(_name: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
