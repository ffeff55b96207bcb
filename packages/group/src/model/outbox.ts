import type { Body } from '../wire/bodies.ts';
import type { Message } from './item.ts';
import type { MemberId, Processor } from './processor.ts';
import type { RingId } from './ring.ts';

export type TimerName =
  | 'join'
  | 'consensus'
  | 'formRetransmit'
  | 'formLoss'
  | 'beacon'
  | 'tokenRetransmit'
  | 'tokenLoss'
  | 'keepalive'
  | 'wanted'
  | 'nack'
  | 'status'
  | 'pulse'
  | 'silence'
  | 'fetch';

/** What the host has to do, in this order. */
export type Effect =
  | { readonly kind: 'send'; readonly to: readonly MemberId[]; readonly body: Body }
  /** Starts the timer, or starts it anew. */
  | { readonly kind: 'setTimer'; readonly timer: TimerName; readonly delayMs: number }
  | { readonly kind: 'cancelTimer'; readonly timer: TimerName }
  /** Make this durable, then call `reserved(upTo)`. A start begins with the highest number made durable. */
  | { readonly kind: 'reserve'; readonly upTo: number };

/** What the ring gives to the layer above, in this order. */
export type Delivery =
  | {
      /** One place in the order of a ring. In a transitional configuration nobody else may ever see it. */
      readonly kind: 'ordered';
      readonly ring: RingId;
      readonly seq: number;
      readonly messages: readonly Message[];
      readonly transitional: boolean;
    }
  | {
      /**
       * Token ring: every member of the ring holds everything up to here. Sequencer: a majority of the configured
       * members does.
       */
      readonly kind: 'stable';
      readonly ring: RingId;
      readonly seq: number;
    }
  | {
      /** `ring` is the new ring, or the old one that the members of a transitional configuration come from. */
      readonly kind: 'configuration';
      readonly configuration: 'regular' | 'transitional';
      readonly ring: RingId;
      readonly members: readonly Processor[];
    }
  | {
      /** Own messages that the old ring did not order. Nobody will ever order them unless they are sent again. */
      readonly kind: 'unordered';
      readonly messages: readonly Message[];
    }
  | {
      /** These reads see everything acknowledged before they began once everything up to `need` is stable. */
      readonly kind: 'readPoint';
      readonly ring: RingId;
      readonly reads: readonly number[];
      readonly need: number;
    };

/** Where a core puts what its turn caused; the host takes it after each call. */
export class Outbox {
  private effects: Effect[] = [];
  private deliveries: Delivery[] = [];

  send(to: readonly MemberId[], body: Body): void {
    if (to.length > 0) this.effects.push({ kind: 'send', to, body });
  }

  setTimer(timer: TimerName, delayMs: number): void {
    this.effects.push({ kind: 'setTimer', timer, delayMs });
  }

  cancelTimer(timer: TimerName): void {
    this.effects.push({ kind: 'cancelTimer', timer });
  }

  reserve(upTo: number): void {
    this.effects.push({ kind: 'reserve', upTo });
  }

  deliver(delivery: Delivery): void {
    this.deliveries.push(delivery);
  }

  takeEffects(): Effect[] {
    const taken = this.effects;
    this.effects = [];
    return taken;
  }

  takeDeliveries(): Delivery[] {
    const taken = this.deliveries;
    this.deliveries = [];
    return taken;
  }
}
