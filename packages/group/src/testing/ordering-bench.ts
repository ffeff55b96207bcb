import type { GroupMutations } from '../model/mutations.ts';
import { Outbox, type Delivery, type TimerName } from '../model/outbox.ts';
import type { MemberId } from '../model/processor.ts';
import { ringName, type Ring } from '../model/ring.ts';
import { DEFAULT_GROUP_SETTINGS, type GroupSettings } from '../model/settings.ts';
import type { OrderingContext, OrderingEngine } from '../ordering/ordering-engine.ts';
import type { OrderingBody } from '../wire/bodies.ts';

/** A datagram on its way. */
export interface Carried {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly body: OrderingBody;
}

export interface BenchOptions {
  readonly members: number;
  /** Members of the ring, if not all are. */
  readonly inRing?: readonly MemberId[];
  readonly mutations?: GroupMutations;
  readonly settings?: Partial<GroupSettings>;
  /** What gets through, and in which order it is taken: default is all, first in, first out. */
  readonly passes?: (datagram: Carried) => boolean;
  /** Receipt counts as durable at once. Default: true. */
  readonly durableAtOnce?: boolean;
}

/** One ring's orderings, joined by hand: a test decides what arrives, and when timers fire. */
export class OrderingBench {
  readonly ring: Ring;
  readonly engines = new Map<MemberId, OrderingEngine>();
  /** All datagrams that were ever sent, lost ones included. */
  readonly wire: Carried[] = [];
  readonly deliveries = new Map<MemberId, Delivery[]>();
  readonly complaints: string[] = [];
  passes: (datagram: Carried) => boolean;
  nowMs = 0;
  private readonly options: BenchOptions;
  private readonly outboxes = new Map<MemberId, Outbox>();
  private readonly waiting = new Map<MemberId, Uint8Array[]>();
  private readonly timers = new Map<MemberId, Map<TimerName, number>>();
  private underway: Carried[] = [];

  constructor(make: (context: OrderingContext) => OrderingEngine, options: BenchOptions) {
    this.options = options;
    this.passes = options.passes ?? (() => true);
    const ids = options.inRing ?? Array.from({ length: options.members }, (_, i) => i + 1);
    const members = ids.map((id) => ({ id, incarnation: 1 }));
    this.ring = { id: { seq: 1, representative: ids[0] as MemberId, incarnation: 1 }, members };
    for (const me of members) {
      const outbox = new Outbox();
      const queue: Uint8Array[] = [];
      let number = 0;
      this.outboxes.set(me.id, outbox);
      this.waiting.set(me.id, queue);
      this.timers.set(me.id, new Map());
      this.deliveries.set(me.id, []);
      this.engines.set(
        me.id,
        make({
          ring: this.ring,
          me,
          majority: Math.floor(options.members / 2) + 1,
          settings: { ...DEFAULT_GROUP_SETTINGS, ...options.settings },
          mutations: options.mutations ?? {},
          source: {
            waitingBytes: () => queue.reduce((sum, payload) => sum + payload.length + 1, 0),
            take: () => queue.splice(0, 1),
          },
          outbox,
          nowMs: () => this.nowMs,
          nextNumber: () => number++,
          lose: (reason) => this.complaints.push(`${me.id}: ${reason}`),
          accuse: (id, reason) => this.complaints.push(`${me.id} accuses ${id}: ${reason}`),
        }),
      );
    }
  }

  start(): this {
    for (const [id, engine] of this.engines) this.turn(id, () => engine.start());
    return this;
  }

  submit(id: MemberId, ...texts: string[]): void {
    this.waiting.get(id)?.push(...texts.map((text) => Buffer.from(text)));
    this.turn(id, () => this.engine(id).submitted());
  }

  engine(id: MemberId): OrderingEngine {
    const engine = this.engines.get(id);
    if (engine === undefined) throw new Error(`No member ${id}`);
    return engine;
  }

  turn(id: MemberId, step: () => void): void {
    step();
    const outbox = this.outboxes.get(id) as Outbox;
    for (const effect of outbox.takeEffects()) {
      if (effect.kind === 'send') {
        for (const to of effect.to) {
          const datagram = { from: id, to, body: effect.body as OrderingBody };
          this.wire.push(datagram);
          this.underway.push(datagram);
        }
      } else if (effect.kind === 'setTimer') {
        this.timers.get(id)?.set(effect.timer, this.nowMs + effect.delayMs);
      } else if (effect.kind === 'cancelTimer') this.timers.get(id)?.delete(effect.timer);
    }
    for (const delivery of outbox.takeDeliveries()) {
      this.deliveries.get(id)?.push(delivery);
      if (delivery.kind === 'ordered' && this.options.durableAtOnce !== false) {
        this.turn(id, () => this.engine(id).durable(delivery.seq));
      }
    }
  }

  /** Hands over what is under way, and what that causes, until nothing is (at most `limit` datagrams). */
  flow(limit: number = 1_000): void {
    for (let count = 0; count < limit; count++) {
      const next = this.underway.shift();
      if (next === undefined) return;
      const engine = this.engines.get(next.to);
      if (engine !== undefined && this.passes(next)) {
        this.turn(next.to, () => engine.receive(next.from, next.body));
      }
    }
  }

  /** Lets time go by: timers fire, datagrams flow without delay. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    this.flow();
    for (;;) {
      const due = [...this.timers].flatMap(([id, timers]) =>
        [...timers].map(([timer, atMs]) => ({ id, timer, atMs })),
      );
      due.sort((a, b) => a.atMs - b.atMs);
      const next = due[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.timers.get(next.id)?.delete(next.timer);
      this.turn(next.id, () => this.engine(next.id).timer(next.timer));
      this.flow();
    }
    this.nowMs = untilMs;
  }

  /** Payloads in the order in which a member has them stable: what an application may act on. */
  stable(id: MemberId): string[] {
    const all = this.deliveries.get(id) ?? [];
    const upTo = Math.max(0, ...all.map((delivery) => (delivery.kind === 'stable' ? delivery.seq : 0)));
    return this.orderedPlaces(id)
      .filter(({ seq }) => seq <= upTo)
      .flatMap(({ texts }) => texts);
  }

  /** Payloads in the order in which a member has received them. */
  ordered(id: MemberId): string[] {
    return this.orderedPlaces(id).flatMap(({ texts }) => texts);
  }

  /** Datagrams of one kind that were sent, in order. */
  sent<Type extends OrderingBody['type']>(
    type: Type,
  ): (Carried & { body: Extract<OrderingBody, { type: Type }> })[] {
    return this.wire.filter(({ body }) => body.type === type) as never;
  }

  get name(): string {
    return ringName(this.ring.id);
  }

  private orderedPlaces(id: MemberId): { seq: number; texts: string[] }[] {
    return (this.deliveries.get(id) ?? []).flatMap((delivery) =>
      delivery.kind === 'ordered'
        ? [
            {
              seq: delivery.seq,
              texts: delivery.messages.flatMap(({ payloads }) =>
                payloads.map((payload) => Buffer.from(payload).toString()),
              ),
            },
          ]
        : [],
    );
  }
}
