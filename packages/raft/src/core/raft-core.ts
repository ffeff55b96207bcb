import type { Random } from '@everopen/core';
import { assert } from './assert.ts';
import { applicable } from './commitment.ts';
import { campaign, countOwnVote } from './elections.ts';
import { DEFAULT_RAFT_LIMITS, type RaftLimits } from './limits.ts';
import { changeConfiguration } from './membership.ts';
import type { Message } from './messages.ts';
import type { RaftMutations } from './mutations.ts';
import { batchPersisted } from './persistence.ts';
import { propose } from './proposals.ts';
import type { RaftLogView } from './raft-log.ts';
import { createRaftState, leaderOf, type RaftState, type ReadId, type Role } from './raft-state.ts';
import { read } from './read-index.ts';
import { takeReady, type Ready } from './ready.ts';
import { unreachable } from './replication.ts';
import { restartElectionTimer, suspectLeader } from './roles.ts';
import { compact, snapshotFailed, snapshotInstalled } from './snapshots.ts';
import { step } from './step.ts';
import { tick } from './ticks.ts';
import { resign, transferLeadership } from './transfer.ts';
import type {
  Configuration,
  EntryPlace,
  Index,
  MemberId,
  RestoredState,
  SnapshotMeta,
  Term,
} from './types.ts';

export interface RaftCoreOptions {
  readonly id: MemberId;
  /** What is on this member's disk; `foundingState(…)` on the first start of all. */
  readonly restored: RestoredState;
  /** For election timeouts. */
  readonly random: Random;
  readonly limits?: Partial<RaftLimits>;
  /** Deliberate bugs, for tests that show that such bugs are found. */
  readonly mutations?: RaftMutations;
}

export interface RaftCoreStatus {
  readonly id: MemberId;
  readonly role: Role['name'];
  readonly term: Term;
  readonly votedFor: MemberId;
  /** 0 while no leader of this term is known. */
  readonly leader: MemberId;
  readonly commit: Index;
  readonly applied: Index;
  /** The highest index of the log that is on this member's disk. */
  readonly durable: Index;
  /** As a follower: up to here the log is proven equal to the leader's, in this term. */
  readonly matched: Index;
}

/**
 * One member of a Raft cluster: a deterministic machine without clock, disk, network or chance of its own (Ongaro
 * and Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014; Ongaro's thesis for the rest).
 *
 * The host feeds it everything that happened in a turn (messages, ticks, proposals, finished writes), then calls
 * `takeReady` once and does what that says. What it must keep to:
 *
 * - Batches of `persist` become durable in the order of `seq`; `persisted(seq)` is called afterwards.
 * - Committed entries are applied in order, up to `applicable` and no further, and the state is stored together with
 *   the index up to which it was applied.
 * - If the log begins behind the applied index (`log.snapshot.index > applied`), the state is first replaced by the
 *   snapshot that was installed.
 * - Ticks are given after the messages that are waiting, or a pause would look like a silent leader.
 */
export class RaftCore {
  private readonly state: RaftState;

  constructor({ limits, mutations, ...options }: RaftCoreOptions) {
    this.state = createRaftState({
      ...options,
      limits: { ...DEFAULT_RAFT_LIMITS, ...limits },
      mutations: mutations ?? {},
    });
    restartElectionTimer(this.state);
  }

  /** One unit of time has passed. */
  tick(): void {
    tick(this.state);
  }

  /** A message of a peer. One that is not for this member is ignored. */
  step(message: Message): void {
    if (message.to === this.state.id) step(this.state, message);
  }

  /**
   * Appends a command to the log of this leader, and says where. It is committed if the entry that is one day
   * committed at that index has that term. Throws `NotReady`, `Overloaded` or `PayloadTooLarge`; then it was not
   * appended.
   */
  propose(data: Uint8Array): EntryPlace {
    return propose(this.state, data);
  }

  /** Adds, removes, promotes or demotes one voter, or any learners. Throws `NotReady` or `InvalidArgument`. */
  changeConfiguration(next: Configuration): EntryPlace {
    return changeConfiguration(this.state, next);
  }

  /** Hands leadership over to another voter. Throws `NotReady` or `InvalidArgument`. */
  transferLeadership(to: MemberId): void {
    transferLeadership(this.state, to);
  }

  /** Gives leadership up at once, in favour of the best follower. Without effect on others. */
  resign(): void {
    if (this.state.role.name === 'leader') resign(this.state, this.state.role);
  }

  /** Starts an election now, without asking whether it can be won. */
  campaign(): void {
    campaign(this.state, { transfer: false });
  }

  /** Begins a linearizable read, answered in `Ready.reads` or `Ready.failedReads`. Throws `NotReady`, `Overloaded`. */
  read(): ReadId {
    return read(this.state);
  }

  /** Everything up to this batch is on stable storage. */
  persisted(seq: number): void {
    batchPersisted(this.state, seq);
    countOwnVote(this.state);
  }

  /** The state holds everything up to `index`. */
  appliedTo(index: Index): void {
    assert(index <= this.state.log.lastIndex, 'only what is in the log is applied');
    this.state.applied = Math.max(this.state.applied, index);
  }

  /**
   * Forgets the log up to `index`, which the state holds durably (or less, if less is committed). The host records
   * the result, where the log begins now, behind the batches that it was given so far. Undefined: nothing to forget.
   */
  compact(index: Index): SnapshotMeta | undefined {
    return compact(this.state, index);
  }

  /** The connection to a peer broke: what was under way may be lost. */
  unreachable(peer: MemberId): void {
    unreachable(this.state, peer);
  }

  /** A peer's process is gone. If it led, an election may begin soon. */
  suspect(peer: MemberId): void {
    suspectLeader(this.state, peer);
  }

  /** A follower has installed the snapshot that `Ready.snapshotRequests` asked for; it was taken at `index`. */
  snapshotInstalled(peer: MemberId, index: Index): void {
    snapshotInstalled(this.state, peer, index);
  }

  /** It did not, and it is no longer being sent. */
  snapshotFailed(peer: MemberId): void {
    snapshotFailed(this.state, peer);
  }

  /** Ends a turn. */
  takeReady(): Ready {
    return takeReady(this.state);
  }

  get log(): RaftLogView {
    return this.state.log;
  }

  /** Up to here entries are committed, and on this member's disk: apply them. */
  get applicable(): Index {
    return applicable(this.state);
  }

  get status(): RaftCoreStatus {
    const { id, role, term, votedFor, commit, applied, disk, matched } = this.state;
    return {
      id,
      role: role.name,
      term,
      votedFor,
      leader: leaderOf(this.state),
      commit,
      applied,
      durable: disk.durable,
      matched,
    };
  }
}
