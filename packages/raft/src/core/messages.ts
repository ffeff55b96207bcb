import type { Entry, Index, MemberId, SnapshotMeta, Term } from './types.ts';

interface Envelope {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly term: Term;
}

/**
 * Everything that members say to each other. Names follow the paper where it has one: `vote` is RequestVote,
 * `append` AppendEntries, `snapshot` InstallSnapshot, `timeoutNow` TimeoutNow.
 */
export type Message = Envelope &
  (
    | PreVote
    | PreVoteAnswer
    | Vote
    | VoteAnswer
    | Append
    | AppendAccepted
    | AppendRefused
    | Heartbeat
    | HeartbeatAnswer
    | Snapshot
    | TimeoutNow
    | StaleTerm
  );

/** "Would you vote for me in `term`?" `term` is the term that the sender would campaign in (thesis, §9.6). */
export interface PreVote {
  readonly type: 'preVote';
  readonly lastIndex: Index;
  readonly lastTerm: Term;
}

export interface PreVoteAnswer {
  readonly type: 'preVoteAnswer';
  readonly granted: boolean;
}

export interface Vote {
  readonly type: 'vote';
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** The leader itself asked for this election: a living leader is no reason to refuse (thesis, §3.10). */
  readonly transfer: boolean;
}

export interface VoteAnswer {
  readonly type: 'voteAnswer';
  readonly granted: boolean;
}

export interface Append {
  readonly type: 'append';
  readonly prevIndex: Index;
  readonly prevTerm: Term;
  readonly entries: readonly Entry[];
  readonly commit: Index;
}

/** Cumulative: everything up to `matched` is the leader's log, and up to `durable` it is on this follower's disk. */
export interface AppendAccepted {
  readonly type: 'appendAccepted';
  readonly matched: Index;
  readonly durable: Index;
}

/** The follower has no entry of `prevTerm` at `prevIndex`; the hint is where the logs may still agree. */
export interface AppendRefused {
  readonly type: 'appendRefused';
  readonly prevIndex: Index;
  readonly hintIndex: Index;
  readonly hintTerm: Term;
}

export interface Heartbeat {
  readonly type: 'heartbeat';
  /** At most what this follower is known to hold. */
  readonly commit: Index;
  /** The newest round of reads that waits for a quorum. */
  readonly round: number;
  /** The last index that was sent to this follower: if it has less, appends were lost. 0 while that is not known. */
  readonly sentTo: Index;
}

export interface HeartbeatAnswer {
  readonly type: 'heartbeatAnswer';
  readonly round: number;
  readonly sentTo: Index;
  /** What the follower has proven equal to the leader's log in this term. */
  readonly matched: Index;
  /** Repeats the last acknowledgement, in case it was lost. */
  readonly durable: Index;
}

/**
 * InstallSnapshot. The state itself is streamed by the hosts; the follower's host says this to its core, in the
 * leader's name, once all of it is on its disk and checked.
 */
export interface Snapshot {
  readonly type: 'snapshot';
  readonly meta: SnapshotMeta;
}

/** "Hold an election at once": how a leader hands over (thesis, §3.10). */
export interface TimeoutNow {
  readonly type: 'timeoutNow';
}

/**
 * The answer to a leader whose term is over. Without it, a leader and a member that was carried to a higher
 * term while it was cut off would ignore each other for ever.
 */
export interface StaleTerm {
  readonly type: 'staleTerm';
}

export type MessageOf<Type extends Message['type']> = Extract<Message, { readonly type: Type }>;
