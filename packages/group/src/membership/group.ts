import type { Delivery, Effect, TimerName } from '../model/outbox.ts';
import type { MemberId, Processor } from '../model/processor.ts';
import { compareRings, indexOf, sameRing, type Ring, type RingId } from '../model/ring.ts';
import { checkSettings } from '../model/settings.ts';
import { checkMembers, sameProcessor } from '../model/processor.ts';
import type { Beacon, Join, MembershipBody, OrderingBody } from '../wire/bodies.ts';
import { commitReceivesCommit } from './commit.ts';
import {
  cancelTimers,
  consensusTimer,
  enterGather,
  gatherReceivesCommit,
  gatherReceivesJoin,
  mergeJoin,
  sendJoin,
  takesForFailed,
  tryConsensus,
} from './gather.ts';
import { createGroupState, isOwnRing, statusOf, type GroupOptions, type GroupState } from './group-state.ts';
import {
  answerLateRecovery,
  everybodyIsDone,
  receiveRecovered,
  receiveRecovery,
  recoveryRetransmit,
} from './recovery.ts';

/** Sent so often, because nobody acknowledges it. */
const LEAVE_COPIES = 3;

/**
 * One member of a group, without any input or output: the Totem membership around one ordering at a time. The host hands
 * in datagrams, timers and what its disk has finished, each with the time, and after each call does what `takeEffects`
 * and `takeDeliveries` say, in their order.
 */
export class Group {
  private readonly state: GroupState;

  /** Throws `InvalidArgument` if the settings do not fit each other, or the members are not a group. */
  constructor(options: GroupOptions) {
    checkSettings(options.settings);
    checkMembers(options.configured, options.me.id);
    this.state = createGroupState(options);
  }

  get ring(): Ring {
    return this.state.ring;
  }

  /** Whether the ring is whole, as far as this member knows: messages are ordered. */
  get operational(): boolean {
    return this.state.phase.name === 'operational';
  }

  get phase(): string {
    return this.state.phase.name;
  }

  boot(nowMs: number): void {
    this.state.nowMs = nowMs;
    enterGather(this.state, 'started', true);
    if (this.state.others.length === 0) this.timer(nowMs, 'consensus');
  }

  receive(nowMs: number, sender: Processor, body: MembershipBody | OrderingBody): void {
    const { state } = this;
    state.nowMs = nowMs;
    if (state.phase.name === 'left' || !this.admit(sender)) return;
    if (body.type === 'join') this.receiveJoin(sender, body);
    else if (body.type === 'beacon') this.receiveBeacon(sender, body);
    else if (body.type === 'commit') {
      if (state.phase.name === 'gather') gatherReceivesCommit(state, sender.id, body);
      else if (state.phase.name === 'commit') commitReceivesCommit(state, state.phase, body);
      else if (state.phase.name === 'operational' && isOwnRing(state, body.ring)) {
        answerLateRecovery(state, sender.id);
      }
    } else if (body.type === 'recovery') {
      if (state.phase.name === 'recovery') receiveRecovery(state, state.phase, sender.id, body);
      else if (state.phase.name === 'operational' && isOwnRing(state, body.ring)) {
        if (body.done !== (1 << state.ring.members.length) - 1) answerLateRecovery(state, sender.id);
      }
    } else if (body.type === 'recovered') {
      if (state.phase.name === 'recovery') receiveRecovered(state, state.phase, body);
    } else {
      this.receiveOrdering(sender, body);
    }
    this.heedComplaint();
  }

  timer(nowMs: number, timer: TimerName): void {
    const { state } = this;
    state.nowMs = nowMs;
    const { phase } = state;
    switch (phase.name) {
      case 'left':
        return;
      case 'gather':
        if (timer === 'join') {
          sendJoin(state);
          state.outbox.setTimer('join', state.settings.joinMs);
        } else if (timer === 'consensus') consensusTimer(state, phase);
        break;
      case 'commit':
        if (timer === 'formLoss') enterGather(state, 'the commit token is lost');
        else if (timer === 'formRetransmit') {
          state.outbox.send([phase.sent.to], phase.sent.commit);
          state.outbox.setTimer('formRetransmit', state.settings.formRetransmitMs);
        }
        break;
      case 'recovery':
        if (timer === 'formLoss') enterGather(state, 'the recovery does not end');
        else if (timer === 'formRetransmit') recoveryRetransmit(state, phase);
        break;
      case 'operational':
        if (timer === 'beacon') this.sendBeacon();
        else state.engine.timer(timer);
        break;
    }
    this.heedComplaint();
  }

  /** Something waits at the source. */
  submitted(nowMs: number): void {
    this.state.nowMs = nowMs;
    if (this.operational) this.state.engine.submitted();
    this.heedComplaint();
  }

  /** Everything that this ring ordered up to `seq` is on disk here. */
  durable(nowMs: number, ring: RingId, seq: number): void {
    this.state.nowMs = nowMs;
    if (this.operational && sameRing(ring, this.state.ring.id)) this.state.engine.durable(seq);
    this.heedComplaint();
  }

  /** Only these members' receipts make messages of this ring stable. */
  count(nowMs: number, ring: RingId, members: readonly MemberId[]): void {
    this.state.nowMs = nowMs;
    if (this.operational && sameRing(ring, this.state.ring.id)) this.state.engine.count(members);
  }

  /** Asks for a read point of the installed ring; there is none if the ring ends before. */
  read(nowMs: number, id: number): void {
    this.state.nowMs = nowMs;
    if (this.operational) this.state.engine.read(id);
    this.heedComplaint();
  }

  /** A reservation of ring numbers is on disk. */
  reserved(nowMs: number, upTo: number): void {
    const { state } = this;
    state.nowMs = nowMs;
    state.reserved = Math.max(state.reserved, upTo);
    if (state.phase.name === 'gather' && !state.phase.booting) tryConsensus(state, state.phase);
  }

  /** The operating system of a member says that nobody is bound there: its process is dead. */
  refused(nowMs: number, id: MemberId): void {
    const { state } = this;
    state.nowMs = nowMs;
    const incarnation = state.processors.incarnationOf(id);
    if (id === state.me.id || incarnation === undefined || state.phase.name === 'left') return;
    const dead: Processor = { id, incarnation };
    const concerns = this.operational ? indexOf(state.ring, id) >= 0 : !state.failed.has(dead);
    if (!concerns) return;
    state.failed.add(dead);
    state.gone.add(id);
    enterGather(state, `the process of member ${id} is dead`);
  }

  /** Says goodbye, so that nobody has to wait for a timeout. */
  leave(nowMs: number): void {
    const { state } = this;
    state.nowMs = nowMs;
    if (state.phase.name === 'left') return;
    state.engine.halt();
    cancelTimers(state);
    for (let copy = 0; copy < LEAVE_COPIES; copy++) sendJoin(state, true);
    state.phase = { name: 'left' };
  }

  takeEffects(): Effect[] {
    return this.state.outbox.takeEffects();
  }

  takeDeliveries(): Delivery[] {
    return this.state.outbox.takeDeliveries();
  }

  /** For people: JSON-safe. */
  status(): Readonly<Record<string, unknown>> {
    return statusOf(this.state);
  }

  /** Strangers and earlier lives are not heard. A new life of a member of the ring ends the ring. */
  private admit(sender: Processor): boolean {
    const { state } = this;
    if (!state.others.includes(sender.id)) {
      state.counters.stranger++;
      return false;
    }
    const newest = state.newest.incarnationOf(sender.id);
    if (newest !== undefined && sender.incarnation < newest) {
      state.counters.staleIncarnation++;
      return false;
    }
    state.newest.add(sender);
    return true;
  }

  private receiveJoin(from: Processor, join: Join): void {
    const { state } = this;
    const { phase } = state;
    state.maxRing = Math.max(state.maxRing, join.maxRing, join.promised);
    if (join.leaving) {
      this.receiveLeave(from);
      return;
    }
    switch (phase.name) {
      case 'gather':
        gatherReceivesJoin(state, phase, from, join);
        return;
      case 'commit':
      case 'recovery': {
        // It has given up on the ring that is being formed, if it is not a late datagram from before.
        const isMember = phase.ring.members.some((member) => sameProcessor(member, from));
        if (isMember && join.promised >= phase.ring.id.seq) this.gatherWith(from, join);
        return;
      }
      case 'operational': {
        const isMember = state.ring.members.some((member) => sameProcessor(member, from));
        const isLate = isMember && join.promised < state.ring.id.seq;
        if (state.mutations.processesStaleJoin !== true) {
          // Two rings that part and meet again would otherwise chase each other for ever.
          if (takesForFailed(join, state.me) || isLate) return;
        }
        if (!isMember && state.backoffs.isIgnored(from, state.nowMs)) return;
        this.gatherWith(from, join);
        return;
      }
      case 'left':
        return;
    }
  }

  private gatherWith(from: Processor, join: Join): void {
    mergeJoin(this.state, from, join);
    enterGather(this.state, `member ${from.id} gathers`);
  }

  private receiveLeave(from: Processor): void {
    const { state } = this;
    const news = state.failed.add(from);
    state.gone.add(from.id);
    const concerns = state.phase.name !== 'operational' || indexOf(state.ring, from.id) >= 0;
    if (news && concerns) enterGather(state, `member ${from.id} leaves`);
  }

  private receiveBeacon(from: Processor, beacon: Beacon): void {
    const { state } = this;
    if (!this.operational) return;
    const isMember = state.ring.members.some((member) => sameProcessor(member, from));
    if (isMember && compareRings(beacon.ring, state.ring.id) <= 0) return;
    if (!isMember && state.backoffs.isIgnored(from, state.nowMs)) return;
    state.processors.add(from);
    enterGather(state, `member ${from.id} has a ring of its own`);
  }

  private sendBeacon(): void {
    const { state } = this;
    if (state.ring.members[0]?.id === state.me.id) {
      const outside = state.others.filter((id) => {
        const incarnation = state.newest.incarnationOf(id) ?? 0;
        return indexOf(state.ring, id) < 0 && !state.backoffs.isIgnored({ id, incarnation }, state.nowMs);
      });
      state.outbox.send(outside, { type: 'beacon', ring: state.ring.id });
    }
    state.outbox.setTimer('beacon', state.settings.beaconMs);
  }

  private receiveOrdering(sender: Processor, body: OrderingBody): void {
    const { state } = this;
    if (state.phase.name === 'recovery' && sameRing(body.ring, state.phase.ring.id)) {
      everybodyIsDone(state, state.phase);
    }
    if (!isOwnRing(state, body.ring)) {
      state.counters.otherRing++;
      return;
    }
    if (this.operational) state.engine.receive(sender.id, body);
    else if (!state.frozen || state.mutations.neverFreezes === true) state.engine.store(body);
  }

  /** What the ordering found out about the ring. */
  private heedComplaint(): void {
    const { state } = this;
    const complaint = state.complaint;
    state.complaint = undefined;
    if (complaint === undefined || !this.operational) return;
    if (complaint.accused !== undefined) {
      const incarnation = state.processors.incarnationOf(complaint.accused);
      if (incarnation !== undefined) state.failed.add({ id: complaint.accused, incarnation });
    }
    enterGather(state, complaint.reason);
  }
}
