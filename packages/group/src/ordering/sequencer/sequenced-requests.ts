import { assert } from '../../model/assert.ts';
import type { Item, Message, RequestId, Streams } from '../../model/item.ts';
import type { GroupMutations } from '../../model/mutations.ts';
import type { MemberId } from '../../model/processor.ts';
import { StreamStore } from '../stream-store.ts';

/** A place in the order with the messages that it orders. */
export interface Place {
  readonly seq: number;
  readonly messages: readonly Message[];
}

/**
 * The Requests and Sequences that a member holds. A Sequence is *ordered* once it, all before it and all their Requests
 * are here; each sender's Requests get their numbers in the order of their local numbers.
 */
export class SequencedRequests {
  private readonly members: readonly MemberId[];
  private readonly mutations: GroupMutations;
  private readonly requests: readonly StreamStore<Message>[];
  private readonly sequences = new StreamStore<readonly RequestId[]>();
  /** The highest local number of each member that the ordered Sequences name. */
  private readonly numbered: number[];
  private orderedUpTo = 0;

  constructor(members: readonly MemberId[], mutations: GroupMutations) {
    this.members = members;
    this.mutations = mutations;
    this.requests = members.map(() => new StreamStore<Message>());
    this.numbered = members.map(() => 0);
  }

  /** Every Sequence up to here is held with its Requests. */
  get ordered(): number {
    return this.orderedUpTo;
  }

  get freed(): number {
    return this.sequences.freed;
  }

  get highestSequence(): number {
    return this.sequences.highest;
  }

  addRequest(origin: MemberId, lseq: number, message: Message): void {
    this.requests[this.members.indexOf(origin)]?.add(lseq, message);
  }

  /** False if the number was given already. */
  addSequence(k: number, requests: readonly RequestId[]): boolean {
    return this.sequences.add(k, requests);
  }

  /** What has become ordered since the last call. */
  advance(): Place[] {
    const places: Place[] = [];
    for (;;) {
      const seq = this.orderedUpTo + 1;
      const messages = this.messagesOf(seq);
      if (messages === undefined) return places;
      this.orderedUpTo = seq;
      for (const { origin, lseq } of this.sequences.get(seq) ?? []) this.noteNumbered(origin, lseq);
      places.push({ seq, messages });
    }
  }

  /** The number that is to be given next, as far as this member may know. */
  nextNumber(mutations: GroupMutations): number {
    return (mutations.assignsWithoutRequests === true ? this.sequences.contiguous : this.orderedUpTo) + 1;
  }

  /**
   * Requests that may be numbered now, each sender's in their order, at most `limit`; the senders take turns, another
   * one first for each number, so that nobody starves.
   */
  eligible(limit: number, k: number): RequestId[] {
    const chosen: RequestId[] = [];
    const next = this.members.map((_, i) => this.highestNumbered(i) + 1);
    for (let idle = 0, turn = k; idle < this.members.length && chosen.length < limit; turn++) {
      const i = turn % this.members.length;
      const lseq = next[i] as number;
      if (lseq > this.availableOf(i) || !this.requestOf(i).has(lseq)) {
        idle++;
        continue;
      }
      idle = 0;
      next[i] = lseq + 1;
      chosen.push({ origin: this.members[i] as MemberId, lseq });
    }
    return this.mutations.assignsOutOfOrder === true ? chosen.reverse() : chosen;
  }

  highestOf(member: number): number {
    return this.requestOf(member).highest;
  }

  numberedOf(member: number): number {
    return this.numbered[member] as number;
  }

  unnumberedCount(member: number): number {
    return Math.max(0, this.highestOf(member) - this.numberedOf(member));
  }

  unnumberedOf(member: number): Message[] {
    const messages: Message[] = [];
    for (let lseq = this.numberedOf(member) + 1; lseq <= this.highestOf(member); lseq++) {
      const message = this.requestOf(member).get(lseq);
      if (message !== undefined) messages.push(message);
    }
    return messages;
  }

  request(origin: MemberId, lseq: number): Message | undefined {
    return this.requests[this.members.indexOf(origin)]?.get(lseq);
  }

  sequence(k: number): readonly RequestId[] | undefined {
    return this.sequences.get(k);
  }

  missingSequences(limit: number): Streams[number] {
    return this.sequences.missing(limit);
  }

  missingRequests(member: number, limit: number): Streams[number] {
    return this.requestOf(member).missing(limit);
  }

  /** The highest local number that the Sequences held name of each member. */
  named(): number[] {
    const named = [...this.numbered];
    for (let k = this.orderedUpTo + 1; k <= this.sequences.highest; k++) {
      for (const { origin, lseq } of this.sequences.get(k) ?? []) {
        const i = this.members.indexOf(origin);
        if (i >= 0) named[i] = Math.max(named[i] as number, lseq);
      }
    }
    return named;
  }

  /** Forgets Sequences up to here, and the Requests that they name. */
  free(seq: number): void {
    for (let k = this.sequences.freed + 1; k <= Math.min(seq, this.orderedUpTo); k++) {
      for (const { origin, lseq } of this.sequences.get(k) ?? []) {
        this.requests[this.members.indexOf(origin)]?.free(lseq);
      }
      this.sequences.free(k);
    }
  }

  holdings(): Streams {
    return [this.sequences.ranges(), ...this.requests.map((store) => store.ranges())];
  }

  item(stream: number, seq: number): Item | undefined {
    if (stream === 0) {
      const requests = this.sequences.get(seq);
      return requests && { stream, seq, content: { kind: 'sequence', requests } };
    }
    const message = this.requests[stream - 1]?.get(seq);
    return message && { stream, seq, content: { kind: 'message', message } };
  }

  recovered({ stream, seq, content }: Item): void {
    if (stream === 0 && content.kind === 'sequence') this.sequences.add(seq, content.requests);
    if (stream > 0 && content.kind === 'message') this.requests[stream - 1]?.add(seq, content.message);
  }

  /** For a mutant: what stands above the first hole and is held. */
  beyondHole(): Place[] {
    const places: Place[] = [];
    for (let seq = this.orderedUpTo + 1; seq <= this.sequences.highest; seq++) {
      const messages = this.messagesOf(seq);
      if (messages !== undefined) places.push({ seq, messages });
    }
    return places;
  }

  private messagesOf(k: number): Message[] | undefined {
    const named = this.sequences.get(k);
    if (named === undefined) return undefined;
    const messages: Message[] = [];
    for (const { origin, lseq } of named) {
      const message = this.request(origin, lseq);
      if (message === undefined) return undefined;
      messages.push(message);
    }
    return messages;
  }

  private noteNumbered(origin: MemberId, lseq: number): void {
    const i = this.members.indexOf(origin);
    const broken = this.mutations.assignsOutOfOrder === true || this.mutations.assignsOutOfTurn === true;
    assert(broken || this.numberedOf(i) + 1 === lseq, 'Requests of a sender are numbered in their order');
    this.numbered[i] = Math.max(this.numberedOf(i), lseq);
  }

  private highestNumbered(member: number): number {
    return this.mutations.assignsWithoutRequests === true
      ? (this.named()[member] as number)
      : this.numberedOf(member);
  }

  private availableOf(member: number): number {
    const store = this.requestOf(member);
    return this.mutations.assignsOutOfOrder === true ? store.highest : store.contiguous;
  }

  private requestOf(member: number): StreamStore<Message> {
    const store = this.requests[member];
    assert(store !== undefined, 'every member has its Requests');
    return store;
  }
}
