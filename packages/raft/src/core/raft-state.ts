import type { Random } from '@everopen/core';
import { assert } from './assert.ts';
import type { RaftLimits } from './limits.ts';
import type { Message } from './messages.ts';
import type { RaftMutations } from './mutations.ts';
import type { Progress } from './progress.ts';
import { RaftLog } from './raft-log.ts';
import type { HardState, Index, MemberId, RestoredState, SnapshotMeta, Term } from './types.ts';

/** All state of one member. Rules are functions over it, in files named after what they rule. */
export interface RaftState {
  readonly id: MemberId;
  readonly limits: RaftLimits;
  readonly random: Random;
  readonly mutations: RaftMutations;

  // Persistent (paper, figure 2), as it is in memory. What of it is on disk, `disk` knows.
  term: Term;
  votedFor: MemberId;
  readonly log: RaftLog;

  // Volatile.
  role: Role;
  commit: Index;
  applied: Index;
  /** A follower's: the highest index proven equal to the leader's log, in this term. */
  matched: Index;
  /** A follower's: what it has acknowledged in this term, and whether it owes an answer all the same. */
  acknowledged: Index;
  acknowledgementDue: boolean;
  /** Since the last role change or word from the leader. */
  ticks: number;
  electionTimeoutTicks: number;

  lastReadId: ReadId;
  readonly disk: DiskState;
  outbox: Outbox;
}

/** What a member is, with what only such a member knows. */
export type Role =
  /** `leader` is 0 while it is not known. */
  | { readonly name: 'follower'; readonly leader: MemberId }
  | { readonly name: 'preCandidate'; readonly votes: Map<MemberId, boolean> }
  | { readonly name: 'candidate'; readonly votes: Map<MemberId, boolean> }
  | LeaderRole;

export interface LeaderRole {
  readonly name: 'leader';
  readonly progress: Map<MemberId, Progress>;
  /** Where this leader's no-op is: once it is committed, so is everything that was ever promised. */
  readonly firstIndex: Index;
  heartbeatDue: boolean;
  /** Rounds of reads: the newest one that was sent, and the reads that wait (read-index.ts). */
  round: number;
  pendingReads: PendingRead[];
  earlyReads: ReadId[];
  /** Since the quorum was last checked. */
  quorumTicks: number;
  transfer: LeadershipTransfer | undefined;
}

/** Names a read on this member, in this run of the program: 1, 2, 3 … */
export type ReadId = number;

/** A read that waits for a majority to confirm that this leader still leads (paper, §8; thesis, §6.4). */
export interface PendingRead {
  readonly id: ReadId;
  readonly index: Index;
  readonly round: number;
}

export interface LeadershipTransfer {
  readonly to: MemberId;
  ticks: number;
  /** Whether the target was told since the last tick. */
  told: boolean;
}

/** What is on disk, and on its way there (persistence.ts). */
export interface DiskState {
  /** The highest index of the current log that is on disk. */
  durable: Index;
  /** Entries from here on were not given to the host yet. */
  unstableFrom: Index;
  hardStateDirty: boolean;
  snapshotToPersist: SnapshotMeta | undefined;
  nextSeq: number;
  persistedSeq: number;
  /** The batch that holds the newest term and vote. */
  hardStateSeq: number;
  inFlight: BatchInFlight[];
  /** Messages that promise something which is not on disk yet. */
  held: { readonly afterSeq: number; readonly message: Message }[];
}

/** `last` shrinks if entries of the batch are truncated while it is being written. */
export interface BatchInFlight {
  readonly seq: number;
  last: Index;
  ticks: number;
}

/** What the next `takeReady` gives out. */
export interface Outbox {
  readonly messages: Message[];
  readonly reads: { readonly id: ReadId; readonly index: Index }[];
  readonly failedReads: ReadId[];
  readonly snapshotRequests: { readonly to: MemberId; readonly atLeast: Index }[];
}

export interface RaftStateOptions {
  readonly id: MemberId;
  readonly restored: RestoredState;
  readonly limits: RaftLimits;
  readonly random: Random;
  readonly mutations: RaftMutations;
}

export function createRaftState({ id, restored, ...options }: RaftStateOptions): RaftState {
  const { hardState, snapshot, entries } = restored;
  const log = new RaftLog(snapshot, entries);
  return {
    id,
    ...options,
    ...hardState,
    log,
    role: { name: 'follower', leader: 0 },
    // What else is committed, a leader will tell.
    commit: snapshot.index,
    applied: snapshot.index,
    matched: 0,
    acknowledged: 0,
    acknowledgementDue: false,
    ticks: 0,
    electionTimeoutTicks: 0,
    lastReadId: 0,
    disk: {
      durable: log.lastIndex,
      unstableFrom: log.lastIndex + 1,
      hardStateDirty: false,
      snapshotToPersist: undefined,
      nextSeq: 1,
      persistedSeq: 0,
      hardStateSeq: 0,
      inFlight: [],
      held: [],
    },
    outbox: emptyOutbox(),
  };
}

export function emptyOutbox(): Outbox {
  return { messages: [], reads: [], failedReads: [], snapshotRequests: [] };
}

export function isVoter(state: RaftState, member: MemberId = state.id): boolean {
  return state.log.configuration.voters.includes(member);
}

/** Everybody else in the configuration. */
export function peersOf(state: RaftState): MemberId[] {
  const { voters, learners } = state.log.configuration;
  return [...voters, ...learners].filter((member) => member !== state.id);
}

/** The known leader of this term, 0 if none. */
export function leaderOf({ id, role }: RaftState): MemberId {
  if (role.name === 'leader') return id;
  return role.name === 'follower' ? role.leader : 0;
}

/** Whether everything that was ever committed is known to be: an entry of this leader's own term is. */
export function hasCommittedInOwnTerm(state: RaftState, role: LeaderRole): boolean {
  return state.commit >= role.firstIndex;
}

export function setHardState(state: RaftState, { term, votedFor }: HardState): void {
  assert(term >= state.term, 'terms never go back');
  assert(
    term > state.term ||
      state.votedFor === 0 ||
      votedFor === state.votedFor ||
      state.mutations.votesTwice === true,
    'one vote a term',
  );
  if (term === state.term && votedFor === state.votedFor) return;
  state.term = term;
  state.votedFor = votedFor;
  state.disk.hardStateDirty = true;
}
