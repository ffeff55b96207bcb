import type { Item, Message, Streams } from '../model/item.ts';
import type { GroupMutations } from '../model/mutations.ts';
import type { Outbox, TimerName } from '../model/outbox.ts';
import type { MemberId, Processor } from '../model/processor.ts';
import type { Ring } from '../model/ring.ts';
import type { GroupSettings } from '../model/settings.ts';
import type { OrderingBody } from '../wire/bodies.ts';

/** Where an ordering takes what is to be sent: pulled when there is a chance to send, so that batches form by themselves. */
export interface PayloadSource {
  /** Bytes that wait; 0 when nothing does (an empty payload counts as one byte). */
  waitingBytes(): number;
  /**
   * At least one payload if any waits; more as long as all together have at most `maxBytes`.
   *
   * @param number that of the message that will carry them
   */
  take(maxBytes: number, number: number): Uint8Array[];
}

/** What an ordering is made with. It lives as long as its ring. */
export interface OrderingContext {
  readonly ring: Ring;
  readonly me: Processor;
  /** How many configured members are a majority. */
  readonly majority: number;
  readonly settings: GroupSettings;
  readonly mutations: GroupMutations;
  readonly source: PayloadSource;
  readonly outbox: Outbox;
  nowMs(): number;
  /** The number of this member's next message. */
  nextNumber(): number;
  /** Somebody is missing: this ring is over. */
  lose(reason: string): void;
  /** This member speaks but does not receive: form a ring without it. */
  accuse(member: MemberId, reason: string): void;
}

/** What `adopt` found: how the old ring's order ends, the same for all that come from it together. */
export interface FinalDeliveries {
  /** Without a hole before them. */
  readonly regular: readonly { readonly seq: number; readonly messages: readonly Message[] }[];
  /** Held, but something before them is lost with those who had it. */
  readonly transitional: readonly {
    readonly seq: number;
    readonly messages: readonly Message[];
  }[];
  /** Own messages that were never ordered. */
  readonly unordered: readonly Message[];
}

/**
 * Orders the messages of one installed ring. The membership runs it while the ring is whole (`start` to `halt`), then asks
 * what it holds, fills it up from the other members, and lets it end its order (`adopt`).
 */
export interface OrderingEngine {
  start(): void;
  receive(from: MemberId, body: OrderingBody): void;
  timer(timer: TimerName): void;
  /** Something waits at the source. */
  submitted(): void;
  /** The layer above has everything ordered up to here on disk. */
  durable(seq: number): void;
  /** Only these members' receipts make anything stable (sequencer). All of the ring's, until this is called. */
  count(members: readonly MemberId[]): void;
  /** Ends in a `readPoint` with this id, unless the ring ends first. */
  read(id: number): void;

  /** Nothing is sent any more, and nothing becomes stable. */
  halt(): void;
  /** After `halt`: takes in the items of a late datagram, and does nothing else. */
  store(body: OrderingBody): void;
  /** Everything held, what was freed included. */
  holdings(): Streams;
  item(stream: number, seq: number): Item | undefined;
  recovered(item: Item): void;
  /**
   * @param kept whose messages are delivered even after a hole: the others' may depend on what is lost
   */
  adopt(kept: ReadonlySet<MemberId>): FinalDeliveries;
  /** For people: JSON-safe. */
  status(): Readonly<Record<string, number | boolean>>;
}
