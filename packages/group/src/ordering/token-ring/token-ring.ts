import { assert } from '../../model/assert.ts';
import type { Item, Message, Streams } from '../../model/item.ts';
import type { TimerName } from '../../model/outbox.ts';
import type { MemberId } from '../../model/processor.ts';
import { numbersOf } from '../../model/ranges.ts';
import { indexOf } from '../../model/ring.ts';
import type { Data, OrderingBody, RetransmissionRequest, Token } from '../../wire/bodies.ts';
import type { FinalDeliveries, OrderingContext, OrderingEngine } from '../ordering-engine.ts';
import { StreamStore } from '../stream-store.ts';
import { ReadRotation } from './read-rotation.ts';
import { TokenPace } from './token-pace.ts';

const FCC_MAX = 65_535;

/**
 * The token ring of Totem (Amir, Moser, Melliar-Smith, Agarwal, Ciarfella: The Totem Single-Ring Ordering and Membership
 * Protocol, 1995). Only the holder of the token sends; it numbers its messages from the token's `seq`, so their order is
 * the order of sending. `aru` on the token is lowered by whoever lacks something; what it has been for two rotations,
 * everybody holds.
 */
export class TokenRing implements OrderingEngine {
  private readonly context: OrderingContext;
  private readonly index: number;
  private readonly others: readonly MemberId[];
  private readonly successor: MemberId;
  private readonly messages = new StreamStore<Message>();
  private readonly pace: TokenPace;
  private readonly reads = new ReadRotation();
  private deliveredUpTo = 0;
  private durableUpTo = 0;
  private stableUpTo = 0;
  /** The highest token seen. */
  private tokenSeq = 0;
  /** `seq` and `aru` of the token as it was passed on last. */
  private passedSeq = 0;
  private passedAru = 0;
  private idleSeen = 0;
  private sentLastVisit = 0;
  /** Since when `aru` stands still, held back by somebody. */
  private aruMovedMs: number;
  private parked: Token | undefined;
  private passed: Token | undefined;
  private retransmitted = 0;

  constructor(context: OrderingContext) {
    this.context = context;
    this.index = indexOf(context.ring, context.me.id);
    assert(this.index >= 0, 'a ring is ordered by its members');
    const ids = context.ring.members.map(({ id }) => id);
    this.others = ids.filter((id) => id !== context.me.id);
    this.successor = ids[(this.index + 1) % ids.length] as MemberId;
    this.pace = new TokenPace(context.settings);
    this.aruMovedMs = context.nowMs();
  }

  private get alone(): boolean {
    return this.others.length === 0;
  }

  start(): void {
    this.aruMovedMs = this.context.nowMs();
    if (this.alone) return this.submitted();
    this.context.outbox.setTimer('tokenLoss', this.context.settings.tokenLossMs);
    if (this.index === 0) this.visit(this.firstToken());
  }

  receive(_from: MemberId, body: OrderingBody): void {
    if (body.type === 'data') this.receiveData(body);
    else if (body.type === 'token') this.receiveToken(body);
    else if (body.type === 'wanted') this.release();
  }

  timer(timer: TimerName): void {
    if (timer === 'tokenRetransmit') this.resendToken();
    else if (timer === 'tokenLoss') this.context.lose('the token is lost');
    else if (timer === 'keepalive') this.release();
    else if (timer === 'wanted') this.want();
  }

  submitted(): void {
    if (this.alone) this.sendAlone();
    else if (this.parked !== undefined) this.release();
    else if (this.maySleep()) this.want();
  }

  durable(seq: number): void {
    this.durableUpTo = Math.max(this.durableUpTo, seq);
    if (this.alone) {
      this.becomeStable(this.durableUpTo);
      this.submitted();
    }
  }

  /** Everybody's receipt is needed here anyway. */
  count(): void {}

  read(id: number): void {
    this.reads.add(id);
    if (this.alone) this.confirmReads(this.reads.all(), this.messages.highest);
    else this.submitted();
  }

  halt(): void {
    for (const timer of ['tokenRetransmit', 'tokenLoss', 'keepalive', 'wanted'] as const) {
      this.context.outbox.cancelTimer(timer);
    }
    this.parked = undefined;
    this.passed = undefined;
  }

  store(body: OrderingBody): void {
    if (body.type === 'data') this.messages.add(body.seq, body.message);
  }

  holdings(): Streams {
    return [this.messages.ranges()];
  }

  item(stream: number, seq: number): Item | undefined {
    const message = stream === 0 ? this.messages.get(seq) : undefined;
    return message && { stream, seq, content: { kind: 'message', message } };
  }

  recovered({ stream, seq, content }: Item): void {
    if (stream === 0 && content.kind === 'message') this.messages.add(seq, content.message);
  }

  adopt(kept: ReadonlySet<MemberId>): FinalDeliveries {
    const regular = [];
    while (this.deliveredUpTo < this.messages.contiguous) {
      const seq = ++this.deliveredUpTo;
      regular.push({ seq, messages: [this.messages.get(seq) as Message] });
    }
    const transitional = [];
    for (let seq = this.messages.contiguous + 1; seq <= this.messages.highest; seq++) {
      const message = this.messages.get(seq);
      if (message === undefined) continue;
      if (kept.has(message.origin) || this.context.mutations.keepsAfterHole === true) {
        transitional.push({ seq, messages: [message] });
      }
    }
    return { regular, transitional, unordered: [] };
  }

  status(): Readonly<Record<string, number | boolean>> {
    return {
      received: this.messages.contiguous,
      holes: [...numbersOf(this.messages.missing(this.messages.highest))].length,
      durable: this.durableUpTo,
      stable: this.stableUpTo,
      retransmitted: this.retransmitted,
      parked: this.parked !== undefined,
    };
  }

  private receiveData({ seq, message }: Data): void {
    if (this.messages.add(seq, message)) this.deliverOrdered();
  }

  private deliverOrdered(): void {
    while (this.deliveredUpTo < this.messages.contiguous) {
      const seq = ++this.deliveredUpTo;
      const messages = [this.messages.get(seq) as Message];
      this.context.outbox.deliver({
        kind: 'ordered',
        ring: this.context.ring.id,
        seq,
        messages,
        transitional: false,
      });
    }
  }

  private firstToken(): Token {
    const { id } = this.context.ring;
    return {
      type: 'token',
      ring: id,
      tokenSeq: 1,
      seq: 0,
      aru: 0,
      aruId: 0,
      fcc: 0,
      idle: 0,
      requests: [],
    };
  }

  /** Paper, §4: a token that is not newer has no effect at all, not even on timers. */
  private receiveToken(token: Token): void {
    if (token.tokenSeq <= this.tokenSeq && this.context.mutations.acceptsDuplicateTokens !== true) return;
    this.visit(token);
  }

  /** What a member does with the token, in the order that matters. */
  private visit(token: Token): void {
    const { settings, mutations, outbox } = this.context;
    const now = this.context.nowMs();
    this.tokenSeq = token.tokenSeq;
    this.passed = undefined;
    this.pace.arrived(now);
    outbox.cancelTimer('tokenRetransmit');
    outbox.cancelTimer('wanted');
    outbox.setTimer('tokenLoss', settings.tokenLossMs);

    const served = this.serve(token.requests);
    const fresh = this.numberNew(token, served.count);
    const seq = token.seq + fresh.length;
    const sent = served.count + fresh.length;
    const fcc = mutations.neverReducesFcc === true ? token.fcc + sent : token.fcc + sent - this.sentLastVisit;
    assert(fcc >= 0, 'the window counts what was sent');
    this.sentLastVisit = sent;

    const { aru, aruId } = this.lowerAru(token, seq);
    const limit = settings.afterToken > 0 ? this.passedSeq : token.seq;
    const requests = this.addRequests(served.left, limit);
    const stable = mutations.safeAfterOneRotation === true ? aru : Math.min(aru, this.passedAru);
    const reading = this.reads.visit(seq, mutations.readsAfterOneVisit === true);
    const active = sent > 0 || requests.length > 0 || aru < seq || reading.open;
    const next: Token = {
      ...token,
      tokenSeq: token.tokenSeq + 1,
      seq,
      aru,
      aruId,
      fcc: Math.min(fcc, FCC_MAX),
      idle: active ? 0 : this.nextIdle(token.idle),
      requests,
    };
    this.noteStuck(token, aru, aruId, now);

    const before = fresh.slice(0, Math.max(0, settings.maxMessages - settings.afterToken));
    for (const data of before) outbox.send(this.others, data);
    if (this.parks(next.idle)) this.park(next);
    else this.pass(next);
    for (const data of fresh.slice(before.length)) outbox.send(this.others, data);

    this.deliverOrdered();
    this.becomeStable(stable);
    this.free(mutations.freesAtAru === true ? aru : stable);
    this.confirmReads(reading.confirmed, reading.need);
  }

  /** Retransmits what I hold to those that lack it. The rest stays on the token. */
  private serve(requests: readonly RetransmissionRequest[]): {
    count: number;
    left: RetransmissionRequest[];
  } {
    const left: RetransmissionRequest[] = [];
    let count = 0;
    for (const request of requests) {
      const message = this.messages.get(request.seq);
      if (message === undefined) {
        left.push(request);
        continue;
      }
      const lacking = this.context.ring.members.filter((_, i) => i !== this.index && (request.who >> i) & 1);
      if (lacking.length === 0) continue;
      count++;
      this.context.outbox.send(
        lacking.map(({ id }) => id),
        this.data(request.seq, message),
      );
    }
    this.retransmitted += count;
    return { count, left };
  }

  /** Numbers new messages, as many as flow control allows. Stored first, then sent. */
  private numberNew(token: Token, retransmitted: number): Data[] {
    const { settings, source } = this.context;
    const room = settings.window - (token.fcc - this.sentLastVisit);
    const unstable = settings.maxUnstable - (token.seq - this.messages.freed);
    const allowed = Math.max(0, Math.min(settings.maxMessages, room, unstable) - retransmitted);
    const fresh: Data[] = [];
    while (fresh.length < allowed && source.waitingBytes() > 0) {
      fresh.push(this.nextMessage(token.seq + fresh.length + 1));
    }
    return fresh;
  }

  private nextMessage(seq: number): Data {
    const { source, settings, me } = this.context;
    const number = this.context.nextNumber();
    const message: Message = { origin: me.id, number, payloads: source.take(settings.packBytes, number) };
    const isNew = this.messages.add(seq, message);
    assert(isNew, 'a place in the order is given once');
    return this.data(seq, message);
  }

  private data(seq: number, message: Message): Data {
    return { type: 'data', ring: this.context.ring.id, seq, message };
  }

  /** Whoever lowered `aru` raises it again; anybody may lower it. */
  private lowerAru(token: Token, seq: number): { aru: number; aruId: MemberId } {
    const { me, mutations } = this.context;
    const mine = Math.min(this.messages.contiguous, this.durableUpTo);
    if (mutations.raisesAru === true) return { aru: Math.max(mine, token.aru), aruId: 0 };
    if (mine < token.aru || token.aruId === me.id || token.aruId === 0) {
      return { aru: mine, aruId: mine === seq ? 0 : me.id };
    }
    return { aru: token.aru, aruId: token.aruId };
  }

  private addRequests(
    left: readonly RetransmissionRequest[],
    limit: number,
  ): readonly RetransmissionRequest[] {
    const who = new Map(left.map((request) => [request.seq, request.who]));
    const { maxRequests } = this.context.settings;
    for (const seq of numbersOf(this.messages.missing(limit), maxRequests)) {
      if (!who.has(seq) && who.size >= maxRequests) break;
      who.set(seq, (who.get(seq) ?? 0) | (1 << this.index));
    }
    return [...who].map(([seq, bits]) => ({ seq, who: bits }));
  }

  /** A member that holds `aru` back for too long is left out by the others: it may be unable to know. */
  private noteStuck(token: Token, aru: number, aruId: MemberId, now: number): void {
    const moved = aru !== this.passedAru || aruId === 0 || aruId === this.context.me.id;
    if (moved || token.tokenSeq === 1) this.aruMovedMs = now;
    else if (now - this.aruMovedMs > this.context.settings.stuckMs) {
      this.context.accuse(aruId, 'it has received nothing for too long');
    }
  }

  /** Counts on, but stays small: what matters is whether two rotations were idle, and whose turn it is to park. */
  private nextIdle(idle: number): number {
    const n = this.context.ring.members.length;
    return idle + 1 >= 3 * n ? idle + 1 - n : idle + 1;
  }

  /** One place only, or a rotation would take a keepalive at each member. */
  private parks(idle: number): boolean {
    const n = this.context.ring.members.length;
    return idle >= 2 * n && idle % n === 0;
  }

  private park(token: Token): void {
    this.parked = token;
    this.notePassed(token);
    this.context.outbox.cancelTimer('tokenLoss');
    this.context.outbox.setTimer('keepalive', this.context.settings.keepaliveMs);
  }

  private release(): void {
    const token = this.parked;
    if (token === undefined) return;
    this.parked = undefined;
    this.context.outbox.cancelTimer('keepalive');
    // Its sends of the parking visit were none, so this continues that visit.
    const fresh = this.numberNew(token, 0);
    for (const data of fresh) this.context.outbox.send(this.others, data);
    const seq = token.seq + fresh.length;
    const aru = this.lowerAru(token, seq);
    const reading = this.reads.visit(seq, this.context.mutations.readsAfterOneVisit === true);
    const active = fresh.length > 0 || aru.aru < seq || reading.open;
    this.sentLastVisit += fresh.length;
    this.context.outbox.setTimer('tokenLoss', this.context.settings.tokenLossMs);
    this.pass({
      ...token,
      ...aru,
      seq,
      fcc: Math.min(token.fcc + fresh.length, FCC_MAX),
      idle: active ? 0 : token.idle,
    });
    this.deliverOrdered();
    this.confirmReads(reading.confirmed, reading.need);
  }

  private pass(token: Token): void {
    this.notePassed(token);
    this.passed = token;
    const { outbox, ring } = this.context;
    const now = this.context.nowMs();
    outbox.send([this.successor], token);
    const quiet = token.idle >= ring.members.length;
    // Loss costs most where a repetition takes longest: an idle token that is parked somewhere is not missed for long.
    if (quiet || this.pace.isTroubled(now)) outbox.send([this.successor], token);
    if (this.context.mutations.neverResendsToken !== true) {
      outbox.setTimer('tokenRetransmit', this.pace.retransmitMs(quiet));
    }
    if (this.context.source.waitingBytes() > 0 || this.reads.waiting) this.wantLater();
  }

  private notePassed(token: Token): void {
    this.passedSeq = token.seq;
    this.passedAru = token.aru;
    this.idleSeen = token.idle;
  }

  private resendToken(): void {
    if (this.passed === undefined) return;
    const quiet = this.passed.idle >= this.context.ring.members.length;
    if (!quiet) this.pace.lost(this.context.nowMs());
    this.context.outbox.send([this.successor], this.passed);
    this.context.outbox.setTimer('tokenRetransmit', this.pace.retransmitMs(quiet));
  }

  /** Whether the token may be parked before it comes back here. */
  private maySleep(): boolean {
    return this.idleSeen >= this.context.ring.members.length;
  }

  /** Wakes the token, wherever it is parked, until it comes. */
  private want(): void {
    if (this.context.source.waitingBytes() === 0 && !this.reads.waiting) return;
    this.context.outbox.send(this.others, { type: 'wanted', ring: this.context.ring.id });
    this.wantLater();
  }

  private wantLater(): void {
    this.context.outbox.setTimer('wanted', 2 * this.context.settings.tokenRetransmitMaxMs);
  }

  private becomeStable(seq: number): void {
    if (seq <= this.stableUpTo) return;
    this.stableUpTo = seq;
    this.context.outbox.deliver({ kind: 'stable', ring: this.context.ring.id, seq });
    if (this.alone) this.free(seq);
  }

  private free(seq: number): void {
    this.messages.free(Math.min(seq, this.deliveredUpTo));
  }

  private confirmReads(reads: readonly number[], need: number): void {
    if (reads.length === 0) return;
    this.context.outbox.deliver({ kind: 'readPoint', ring: this.context.ring.id, reads, need });
  }

  /** A ring of one: no token, no datagrams. */
  private sendAlone(): void {
    const { source, settings } = this.context;
    while (source.waitingBytes() > 0 && this.messages.highest - this.messages.freed < settings.maxUnstable) {
      this.nextMessage(this.messages.highest + 1);
    }
    this.deliverOrdered();
  }
}
