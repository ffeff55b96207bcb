/**
 * Deliberate faults, for the tests that prove the simulator: each turns one rule off, and the simulator must
 * notice. Never set outside of tests.
 */
export interface RaftMutations {
  /** The answer to a request for a vote does not wait for the disk. */
  readonly votesBeforePersist?: boolean;
  /** A request for votes does not wait for the disk. */
  readonly voteRequestsBeforePersist?: boolean;
  /** The vote is not stored. */
  readonly forgetsVote?: boolean;
  /** Neither term nor vote is stored. */
  readonly forgetsTerm?: boolean;
  readonly votesTwice?: boolean;
  readonly votesForOutdatedLogs?: boolean;
  /** A follower acknowledges what is in its memory. */
  readonly acknowledgesBeforeDurable?: boolean;
  /** A leader counts itself for what is in its memory. */
  readonly countsItselfBeforeDurable?: boolean;
  /** Entries of former terms are committed by counting (figure 8). */
  readonly commitsOldTerms?: boolean;
  /** An append always replaces what follows its beginning. */
  readonly alwaysTruncates?: boolean;
  /** An append commits beyond what it proved equal. */
  readonly commitsUnmatched?: boolean;
  /** A heartbeat commits beyond what the follower is known to hold. */
  readonly heartbeatCommitsUnmatched?: boolean;
  /** A write that finishes counts for entries that were truncated meanwhile. */
  readonly persistCountsAfterTruncation?: boolean;
  /** What was proven equal to one leader's log counts for the next leader's. */
  readonly keepsMatchedInNewTerm?: boolean;
  readonly acceptsOldTerms?: boolean;
  /** Reads do not wait for an entry of the leader's own term. */
  readonly readsBeforeOwnCommit?: boolean;
  /** Reads do not wait for a majority's echo. */
  readonly readsWithoutQuorum?: boolean;
  /** A configuration may follow one that is not committed. */
  readonly overlapsConfigurations?: boolean;
  /** A configuration may change before an entry of the leader's own term is committed. */
  readonly changesBeforeOwnCommit?: boolean;
  /** The configuration stays as it was when a snapshot is installed. */
  readonly ignoresSnapshotConfiguration?: boolean;
  /** Entries are applied that are not on this member's disk. */
  readonly appliesUndurable?: boolean;
  /** A transfer of leadership that fails is never given up. */
  readonly neverGivesUpTransfer?: boolean;
  /** A heartbeat's answer does not repeat the acknowledgement. */
  readonly neverRepeatsAcknowledgement?: boolean;
  /** That appends were lost is not noticed. */
  readonly ignoresLostAppends?: boolean;
  /** No fault: a new leader looks for where logs agree from their beginning. Shows what depends on that. */
  readonly probesLow?: boolean;
  /** A leader that nobody answers goes on leading. */
  readonly leadsWithoutQuorum?: boolean;
}
