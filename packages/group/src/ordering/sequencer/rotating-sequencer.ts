import { assert } from '../../model/assert.ts';
import type { Item, Message, RequestId, Streams } from '../../model/item.ts';
import type { TimerName } from '../../model/outbox.ts';
import type { MemberId } from '../../model/processor.ts';
import { indexOf } from '../../model/ring.ts';
import type { OrderingBody, Rotation } from '../../wire/bodies.ts';
import type { FinalDeliveries, OrderingContext, OrderingEngine } from '../ordering-engine.ts';
import { Knowledge } from './knowledge.ts';
import { MemberWatch } from './member-watch.ts';
import { ReadRounds } from './read-rounds.ts';
import { Repair } from './repair.ts';
import { SequencedRequests } from './sequenced-requests.ts';

/** Own Requests without a number: more wait at the source. */
const OUTSTANDING_MAX = 64;
/** A pulse is not slower than a heartbeat has to be. */
const SLOWEST_PULSE = 4;

/**
 * The rotating sequencer: a message is a Request to all; number k is given by the Sequence of member k mod n, once that
 * member holds all Sequences below k with their Requests; what a majority of the configured members holds is stable.
 * Losses are found by gaps and repaired by asking the sender. (Chang and Maxemchuk, Reliable Broadcast Protocols, 1984,
 * with the rotation of Mencius in place of a token.)
 */
export class RotatingSequencer implements OrderingEngine {
  private readonly context: OrderingContext;
  private readonly index: number;
  private readonly others: readonly MemberId[];
  private readonly order: SequencedRequests;
  private readonly knowledge: Knowledge;
  private readonly repair: Repair;
  private readonly reads: ReadRounds;
  private readonly watch: MemberWatch;
  private counted: ReadonlySet<MemberId>;
  private durableUpTo = 0;
  private stableUpTo = 0;
  /** To be sent with the next datagram to all. */
  private requests: { lseq: number; message: Message }[] = [];
  private sequences: { k: number; requests: readonly RequestId[] }[] = [];
  /** What others have last been told of this member's acknowledgement. */
  private toldAck = 0;
  private pulseMs = 0;
  private progress = '';
  private halted = false;

  constructor(context: OrderingContext) {
    this.context = context;
    this.index = indexOf(context.ring, context.me.id);
    assert(this.index >= 0, 'a ring is ordered by its members');
    const ids = context.ring.members.map(({ id }) => id);
    this.others = ids.filter((id) => id !== context.me.id);
    this.order = new SequencedRequests(ids, context.mutations);
    this.knowledge = new Knowledge(ids.length, this.index);
    this.repair = new Repair(ids, this.index, this.order, this.knowledge);
    this.reads = new ReadRounds(ids, this.index, context.majority);
    this.watch = new MemberWatch(context, this.index);
    this.counted = new Set(ids);
  }

  start(): void {
    this.watch.start();
    if (this.others.length > 0) {
      this.setPulse(this.context.settings.pulseMs);
      this.context.outbox.setTimer('silence', this.watch.checkMs);
    }
    this.act();
  }

  receive(from: MemberId, body: OrderingBody): void {
    if (body.type !== 'rotation') return;
    const sender = indexOf(this.context.ring, from);
    const size = this.context.ring.members.length;
    if (sender < 0 || body.known.length !== size) return;
    this.watch.heard(sender);
    this.absorb(body);
    this.knowledge.merge(sender, body);
    this.reads.echoed(from, body.echoes[this.index] as number, body.maxK, this.counted);
    this.repair.serve(body, (part) => this.send([from], part));
    this.answer(from, sender, body);
    this.act();
  }

  timer(timer: TimerName): void {
    if (timer === 'status') this.tellStatus();
    else if (timer === 'pulse') this.pulse();
    else if (timer === 'nack') this.askForMissing();
    else if (timer === 'silence') {
      this.watch.check(this.knowledge);
      this.context.outbox.setTimer('silence', this.watch.checkMs);
    }
  }

  submitted(): void {
    this.act();
  }

  durable(seq: number): void {
    this.durableUpTo = Math.max(this.durableUpTo, seq);
    this.act();
  }

  count(members: readonly MemberId[]): void {
    if (this.context.mutations.countsLearners === true) return;
    this.counted = new Set(members);
    this.act();
  }

  read(id: number): void {
    this.reads.add(id);
    this.act();
    if (this.reads.current.length > 0) this.sendToAll(true);
  }

  halt(): void {
    this.halted = true;
    for (const timer of ['status', 'pulse', 'nack', 'silence'] as const) {
      this.context.outbox.cancelTimer(timer);
    }
  }

  store(body: OrderingBody): void {
    if (body.type === 'rotation') this.absorb(body);
  }

  holdings(): Streams {
    return this.order.holdings();
  }

  item(stream: number, seq: number): Item | undefined {
    return this.order.item(stream, seq);
  }

  recovered(item: Item): void {
    this.order.recovered(item);
  }

  /** Everything above the first hole is unnumbered again: nobody who is left held what was numbered there. */
  adopt(): FinalDeliveries {
    const regular = this.order.advance();
    if (this.context.mutations.deliversAfterHole === true) regular.push(...this.order.beyondHole());
    return { regular, transitional: [], unordered: this.order.unnumberedOf(this.index) };
  }

  status(): Readonly<Record<string, number | boolean>> {
    return {
      received: this.order.ordered,
      holes: Math.max(0, this.knowledge.maxK - this.order.ordered),
      durable: this.ownAck,
      stable: this.stableUpTo,
      retransmitted: this.repair.served,
      unnumbered: this.order.unnumberedOf(this.index).length,
    };
  }

  /** "Everything up to here is on my disk." */
  private get ownAck(): number {
    return Math.min(this.order.ordered, this.durableUpTo);
  }

  private absorb(body: Rotation): void {
    for (const { lseq, message } of body.requests) this.order.addRequest(message.origin, lseq, message);
    for (const { k, requests } of body.sequences) this.order.addSequence(k, requests);
  }

  /** Whatever has become possible. */
  private act(): void {
    if (this.halted) return;
    this.deliverOrdered();
    do this.openRequests();
    while (this.takeTurns());
    this.flush();
    this.knowledge.note(this.order, this.ownAck);
    this.becomeStable();
    this.order.free(this.freeable());
    this.confirmReads();
    if (this.others.length === 0) return;
    if (this.ownAck > this.toldAck && this.context.mutations.tellsNoStatus !== true) {
      this.context.outbox.setTimer('status', 0);
    }
    if (this.repair.hasGaps() && !this.repair.waiting) {
      this.repair.waiting = true;
      this.context.outbox.setTimer('nack', this.context.settings.nackDelayMs);
    }
    if (this.isOpen() && this.pulseMs > this.context.settings.pulseMs) {
      this.setPulse(this.context.settings.pulseMs);
    }
  }

  private deliverOrdered(): void {
    for (const { seq, messages } of this.order.advance()) {
      const ring = this.context.ring.id;
      this.context.outbox.deliver({ kind: 'ordered', ring, seq, messages, transitional: false });
    }
  }

  /** A Request at once when none of mine waits for its number; else the next when it is full. Batches form by waiting. */
  private openRequests(): void {
    const { source, settings, me } = this.context;
    for (;;) {
      const waiting = source.waitingBytes();
      const outstanding = this.order.unnumberedCount(this.index);
      const full = waiting >= settings.packBytes;
      if (waiting === 0 || outstanding >= OUTSTANDING_MAX || (outstanding > 0 && !full)) return;
      if (this.knowledge.maxK - this.order.freed >= settings.maxUnstable) return;
      const number = this.context.nextNumber();
      const message: Message = { origin: me.id, number, payloads: source.take(settings.packBytes, number) };
      const lseq = this.order.highestOf(this.index) + 1;
      this.order.addRequest(me.id, lseq, message);
      this.requests.push({ lseq, message });
      if (this.requests.length >= settings.maxMessages) this.flush();
    }
  }

  /** Member k mod n numbers k, as soon as it may. With one member every turn is its own. */
  private takeTurns(): boolean {
    const { settings, mutations, ring } = this.context;
    for (let taken = false; ; taken = true) {
      const k = this.order.nextNumber(mutations);
      const isMyTurn = k % ring.members.length === this.index || mutations.assignsOutOfTurn === true;
      if (!isMyTurn) return taken;
      const requests = this.order.eligible(settings.maxNumbered, k);
      if (requests.length === 0 || !this.order.addSequence(k, requests)) return taken;
      this.sequences.push({ k, requests });
      this.deliverOrdered();
      if (mutations.assignsOutOfTurn === true || mutations.assignsWithoutRequests === true) return false;
    }
  }

  private flush(): void {
    if (this.requests.length === 0 && this.sequences.length === 0) return;
    this.sendToAll(false);
  }

  private becomeStable(): void {
    const { mutations, majority, ring } = this.context;
    const acks = ring.members.flatMap(({ id }, i) =>
      this.counted.has(id) ? [this.knowledge.acks[i] as number] : [],
    );
    acks.sort((a, b) => b - a);
    const place = mutations.majorityIsMaximum === true ? 0 : majority - 1;
    const held = mutations.deliversWithoutMajority === true ? this.ownAck : (acks[place] ?? 0);
    const seq = Math.min(held, this.order.ordered);
    if (seq <= this.stableUpTo) return;
    this.stableUpTo = seq;
    this.context.outbox.deliver({ kind: 'stable', ring: ring.id, seq });
  }

  /** A majority is enough to deliver, not to forget: somebody may still ask. */
  private freeable(): number {
    if (this.context.mutations.freesAtMajority === true) return this.stableUpTo;
    return Math.min(...this.knowledge.acks, this.order.ordered);
  }

  private confirmReads(): void {
    const maxK = this.knowledge.maxK;
    const done =
      this.context.mutations.readsWithoutEcho === true
        ? this.reads.all()
        : this.reads.take(maxK, this.counted);
    if (done.reads.length === 0) return;
    const { reads, need } = done;
    this.context.outbox.deliver({ kind: 'readPoint', ring: this.context.ring.id, reads, need });
    if (this.reads.current.length > 0) this.sendToAll(true);
  }

  /** Whether anybody may wait for anything. */
  private isOpen(): boolean {
    return this.knowledge.isOpen(this.order, this.stableUpTo) || this.reads.current.length > 0;
  }

  /** Says, while something is open, what is known here and asks for what is not; and that this member lives. */
  private pulse(): void {
    const { pulseMs } = this.context.settings;
    const open = this.isOpen();
    const progress = this.knowledge.summary(this.stableUpTo);
    const slower = open && progress === this.progress ? this.pulseMs * 2 : pulseMs;
    this.progress = progress;
    this.sendToAll(open);
    this.setPulse(open ? Math.min(slower, SLOWEST_PULSE * pulseMs) : SLOWEST_PULSE * pulseMs);
  }

  private setPulse(delayMs: number): void {
    this.pulseMs = delayMs;
    this.context.outbox.setTimer('pulse', delayMs);
  }

  private tellStatus(): void {
    if (this.ownAck > this.toldAck) this.sendToAll(false);
  }

  private askForMissing(): void {
    this.repair.waiting = false;
    for (const { to, part } of this.repair.ask()) this.send([to], part);
    this.act();
  }

  /** Only a question is answered, and only by who knows better: answers to everything would be a storm. */
  private answer(from: MemberId, sender: number, body: Rotation): void {
    const newRound = this.knowledge.hasNewRound(sender, body.round);
    const knowsLess = (body.acks[this.index] as number) < this.ownAck || this.knowledge.knowsMoreThan(body);
    const answers = body.ask && knowsLess && this.context.mutations.answersNoAsk !== true;
    if (answers || newRound) this.send([from], {});
  }

  private sendToAll(ask: boolean): void {
    const { requests, sequences } = this;
    this.requests = [];
    this.sequences = [];
    this.knowledge.note(this.order, this.ownAck);
    this.toldAck = this.ownAck;
    this.context.outbox.cancelTimer('status');
    this.send(this.others, { requests, sequences, ask });
  }

  private send(to: readonly MemberId[], part: Partial<Rotation>): void {
    this.knowledge.note(this.order, this.ownAck);
    this.context.outbox.send(to, {
      type: 'rotation',
      ring: this.context.ring.id,
      maxK: this.knowledge.maxK,
      known: [...this.knowledge.known],
      acks: [...this.knowledge.acks],
      round: this.reads.round,
      echoes: [...this.knowledge.echoes],
      ask: false,
      requests: [],
      sequences: [],
      lackRequests: [],
      lackSequences: [],
      ...part,
    });
  }
}
