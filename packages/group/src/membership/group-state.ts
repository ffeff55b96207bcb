import type { Streams } from '../model/item.ts';
import type { GroupMutations } from '../model/mutations.ts';
import { Outbox } from '../model/outbox.ts';
import type { MemberId, Processor } from '../model/processor.ts';
import { ringName, type Ring, type RingId } from '../model/ring.ts';
import type { GroupSettings } from '../model/settings.ts';
import type { OrderingContext, OrderingEngine, PayloadSource } from '../ordering/ordering-engine.ts';
import type { Commit, CommitEntry } from '../wire/bodies.ts';
import { Backoffs } from './backoffs.ts';
import { ProcessorSet } from './processor-set.ts';

/** What a member is doing about the membership. */
export type Phase =
  { readonly name: 'operational' } | GatherPhase | CommitPhase | RecoveryPhase | { readonly name: 'left' };

/** Who is there? JOINs are exchanged until all name the same processors. */
export interface GatherPhase {
  readonly name: 'gather';
  /** Whose last JOIN named the same processors as mine. */
  readonly consensus: Set<MemberId>;
  /** Just started: others get a consensus period's time to be heard before a ring is formed without them. */
  readonly booting: boolean;
}

/** The commit token has passed here once: what this member holds is told, and must not change any more. */
export interface CommitPhase {
  readonly name: 'commit';
  readonly ring: Ring;
  /** Repeated until the second rotation comes. */
  readonly sent: { readonly to: MemberId; readonly commit: Commit };
}

/** What each member holds is known to all: those that come from one ring fill each other's gaps. */
export interface RecoveryPhase {
  readonly name: 'recovery';
  readonly ring: Ring;
  readonly entries: readonly CommitEntry[];
  /** Places in the new ring of those that come from my old ring, mine included. */
  readonly mates: readonly number[];
  /** What I still need. */
  missing: Streams;
  /** Bit i: member i of the new ring has everything it needs. */
  done: number;
  /** Counts requests for what is missing: other holders are asked each time. */
  attempt: number;
  /** Items asked for and not yet here. */
  outstanding: number;
  /** The second rotation, repeated until the successor shows that it has it. */
  sent: { readonly to: MemberId; readonly commit: Commit } | undefined;
}

export interface GroupOptions {
  readonly me: Processor;
  /** All members' ids, mine included, ascending. */
  readonly configured: readonly MemberId[];
  /** How many of them are a majority. */
  readonly majority: number;
  /** The highest ring number that was ever reserved on disk; 0 for a new disk. */
  readonly reserved: number;
  readonly settings: GroupSettings;
  readonly source: PayloadSource;
  readonly ordering: (context: OrderingContext) => OrderingEngine;
  readonly mutations?: GroupMutations;
}

/** Everything that the membership knows. The functions beside it are its rules, a file for each phase. */
export interface GroupState {
  readonly me: Processor;
  readonly configured: readonly MemberId[];
  readonly others: readonly MemberId[];
  readonly settings: GroupSettings;
  readonly mutations: GroupMutations;
  readonly outbox: Outbox;
  readonly options: GroupOptions;
  nowMs: number;
  /** Ring numbers up to here may be promised: that is on disk. */
  reserved: number;
  /** A larger reservation is on its way to the disk. */
  reserving: number;
  /** The highest ring number that this member has agreed to. Never agrees to it again. */
  promised: number;
  maxRing: number;
  /** The ring installed last. Replaced in one place only: `install`. */
  ring: Ring;
  engine: OrderingEngine;
  /** False until the first ring: the ring of one that a member starts with was never told to anybody. */
  everInstalled: boolean;
  /** The old ring's holdings have been told: they must not change but by recovery. */
  frozen: boolean;
  phase: Phase;
  readonly processors: ProcessorSet;
  readonly failed: ProcessorSet;
  /** The newest life heard of each member. */
  readonly newest: ProcessorSet;
  /** Failed members that are known to be dead or to have left; the others just could not be agreed with. */
  readonly gone: Set<MemberId>;
  readonly backoffs: Backoffs;
  /** Whose messages I have promised to deliver, even after a hole. */
  readonly obligation: Set<MemberId>;
  nextNumber: number;
  /** Set by the ordering during a call: what it wants of the membership. */
  complaint: { readonly reason: string; readonly accused: MemberId | undefined } | undefined;
  readonly counters: Counters;
}

export interface Counters {
  /** Datagrams that changed nothing: of an earlier life, of a stranger, of another ring. */
  staleIncarnation: number;
  stranger: number;
  otherRing: number;
  ringsInstalled: number;
  gathers: number;
  lastGather: string;
}

export function createGroupState(options: GroupOptions): GroupState {
  const { me, configured, settings, mutations = {} } = options;
  const reserved = mutations.forgetsPromise === true ? 0 : options.reserved;
  // A ring of its own, of which nobody else ever hears: what is new here begins with nothing.
  const ring: Ring = {
    id: { seq: reserved, representative: me.id, incarnation: me.incarnation },
    members: [me],
  };
  const state: Omit<GroupState, 'engine'> & { engine?: OrderingEngine } = {
    me,
    configured,
    others: configured.filter((id) => id !== me.id),
    settings,
    mutations,
    outbox: new Outbox(),
    options,
    nowMs: 0,
    reserved,
    reserving: reserved,
    promised: reserved,
    maxRing: reserved,
    ring,
    everInstalled: false,
    frozen: true,
    phase: { name: 'gather', consensus: new Set(), booting: true },
    processors: new ProcessorSet(),
    failed: new ProcessorSet(),
    newest: new ProcessorSet(),
    gone: new Set(),
    backoffs: new Backoffs(settings),
    obligation: new Set(),
    nextNumber: 0,
    complaint: undefined,
    counters: {
      staleIncarnation: 0,
      stranger: 0,
      otherRing: 0,
      ringsInstalled: 0,
      gathers: 0,
      lastGather: '',
    },
  };
  const complete = state as GroupState;
  complete.engine = createEngine(complete, ring);
  return complete;
}

/** The ordering of one ring. */
export function createEngine(state: GroupState, ring: Ring): OrderingEngine {
  const isCurrent = (): boolean => state.ring === ring && state.phase.name === 'operational';
  return state.options.ordering({
    ring,
    me: state.me,
    majority: state.options.majority,
    settings: state.settings,
    mutations: state.mutations,
    source: state.options.source,
    outbox: state.outbox,
    nowMs: () => state.nowMs,
    nextNumber: () => state.nextNumber++,
    lose: (reason) => {
      if (isCurrent()) state.complaint ??= { reason, accused: undefined };
    },
    accuse: (accused, reason) => {
      if (isCurrent()) state.complaint ??= { reason, accused };
    },
  });
}

export function statusOf(state: GroupState): Readonly<Record<string, unknown>> {
  return {
    phase: state.phase.name,
    ring: ringName(state.ring.id),
    members: state.ring.members.map(({ id }) => id),
    ...state.counters,
    ...state.engine.status(),
  };
}

export function isOwnRing(state: GroupState, ring: RingId): boolean {
  const { id } = state.ring;
  return (
    id.seq === ring.seq && id.representative === ring.representative && id.incarnation === ring.incarnation
  );
}
