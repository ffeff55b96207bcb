import type { MemberId } from './processor.ts';
import type { Ranges } from './ranges.ts';

/** What a member sends to all: several payloads of the application, packed. */
export interface Message {
  readonly origin: MemberId;
  /** Counts the messages of one life of the member: 0, 1, 2 … With the origin, it names the message. */
  readonly number: number;
  readonly payloads: readonly Uint8Array[];
}

/** Names a request of the rotating sequencer within its ring. */
export interface RequestId {
  readonly origin: MemberId;
  /** 1, 2, 3 … in each ring. */
  readonly lseq: number;
}

/**
 * What a ring's members hold and hand to each other when it breaks: each ordering has numbered streams of items.
 * The token ring has one, of messages. The rotating sequencer has a stream of Sequences (0), and one of Requests
 * for each member of the ring (1 + its place).
 */
export interface Item {
  readonly stream: number;
  /** 1, 2, 3 … */
  readonly seq: number;
  readonly content:
    | { readonly kind: 'message'; readonly message: Message }
    | { readonly kind: 'sequence'; readonly requests: readonly RequestId[] };
}

/** Numbers of items, stream by stream. */
export type Streams = readonly Ranges[];
