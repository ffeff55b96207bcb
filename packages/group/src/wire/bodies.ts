import type { Item, Message, RequestId, Streams } from '../model/item.ts';
import type { LogEntry } from '../model/log-entry.ts';
import type { MemberId, Processor } from '../model/processor.ts';
import type { Ranges } from '../model/ranges.ts';
import type { RingId } from '../model/ring.ts';

/** Everything that members say to each other. One body is one datagram. */
export type Body = MembershipBody | OrderingBody | ReplicationBody;
export type MembershipBody = Join | Commit | Recovery | Recovered | Beacon;
export type OrderingBody = Data | Token | Wanted | Rotation;
export type ReplicationBody = Fetch | Entries;
export type BodyOf<Type extends Body['type']> = Extract<Body, { readonly type: Type }>;

/** "These I hear of, these have failed": how the members of the next ring are agreed upon. */
export interface Join {
  readonly type: 'join';
  readonly processors: readonly Processor[];
  /** All lives of the member up to this incarnation. */
  readonly failed: readonly Processor[];
  /** The highest ring number that the sender has heard of. */
  readonly maxRing: number;
  /** The highest ring number that the sender has agreed to. */
  readonly promised: number;
  /** The sender says goodbye. */
  readonly leaving: boolean;
}

/** The commit token: goes round twice, first to collect what each member holds, then to tell all of it to all. */
export interface Commit {
  readonly type: 'commit';
  readonly ring: RingId;
  readonly rotation: 1 | 2;
  readonly members: readonly Processor[];
  /** In the order of the members; as many as have filled theirs in. */
  readonly entries: readonly CommitEntry[];
}

export interface CommitEntry {
  readonly oldRing: RingId;
  /** What the member holds of its old ring, what it freed included. */
  readonly held: Streams;
  /** Whose messages the member has promised to deliver even after a hole. */
  readonly obligation: readonly MemberId[];
}

/** How far the recovery is: gossiped until everybody knows that everybody is done. */
export interface Recovery {
  readonly type: 'recovery';
  readonly ring: RingId;
  /** Bit i: member i of the new ring holds everything it has to. */
  readonly done: number;
  /** What the sender lacks of its old ring and wants from the receiver. */
  readonly wanted: Streams;
}

export interface Recovered {
  readonly type: 'recovered';
  /** The ring that is being formed. */
  readonly ring: RingId;
  readonly oldRing: RingId;
  readonly item: Item;
}

/** From the representative to configured members outside of its ring. */
export interface Beacon {
  readonly type: 'beacon';
  readonly ring: RingId;
}

/** A message with its place in the token ring's order. */
export interface Data {
  readonly type: 'data';
  readonly ring: RingId;
  readonly seq: number;
  readonly message: Message;
}

export interface Token {
  readonly type: 'token';
  readonly ring: RingId;
  /** Grows with each hop. */
  readonly tokenSeq: number;
  /** The last number given to a message. */
  readonly seq: number;
  /** All received up to: everybody holds everything up to here, once it has gone round twice. */
  readonly aru: number;
  /** Who lowered `aru`; 0 when it equals `seq`. */
  readonly aruId: MemberId;
  /** Flow control: messages sent in the last rotation. */
  readonly fcc: number;
  /** Hops since something was sent, asked for or outstanding. */
  readonly idle: number;
  readonly requests: readonly RetransmissionRequest[];
}

export interface RetransmissionRequest {
  readonly seq: number;
  /** Bit i: member i of the ring lacks it. */
  readonly who: number;
}

/** "Let go of the parked token." */
export interface Wanted {
  readonly type: 'wanted';
  readonly ring: RingId;
}

/**
 * All that members of the rotating sequencer say: Requests, Sequences and Retransmit requests (`lackRequests`,
 * `lackSequences`) travel together, and every datagram carries what its sender knows. Vectors have one number for each
 * member of the ring.
 */
export interface Rotation {
  readonly type: 'rotation';
  readonly ring: RingId;
  /** The highest number known to be assigned. */
  readonly maxK: number;
  /** The highest local number known of each member's Requests. */
  readonly known: readonly number[];
  /** Up to where each member is known to hold everything, durably. */
  readonly acks: readonly number[];
  /** The sender's newest round of reads. */
  readonly round: number;
  /** The newest round of reads heard of each member. */
  readonly echoes: readonly number[];
  /** "Answer if you know better." */
  readonly ask: boolean;
  readonly requests: readonly { readonly lseq: number; readonly message: Message }[];
  readonly sequences: readonly { readonly k: number; readonly requests: readonly RequestId[] }[];
  readonly lackRequests: readonly { readonly origin: MemberId; readonly lseqs: Ranges }[];
  readonly lackSequences: Ranges;
}

/** "Send me the log behind `after`": asked of a member that has adopted the ring's log. */
export interface Fetch {
  readonly type: 'fetch';
  readonly ring: RingId;
  /** A position: a count of commands. */
  readonly after: number;
}

export interface Entries {
  readonly type: 'entries';
  readonly ring: RingId;
  readonly after: number;
  readonly entries: readonly LogEntry[];
}
