/**
 * Deliberate faults, for the tests that prove the simulator: each turns one rule off, and the simulator must notice.
 * Never set outside of tests.
 */
export interface GroupMutations {
  // Membership
  /** The highest promised ring number is not kept across a restart. */
  readonly forgetsPromise?: boolean;
  /** A commit token of an earlier attempt is accepted. */
  readonly acceptsOldCommit?: boolean;
  /** Late messages of the old ring are taken in between the two rotations of the commit token. */
  readonly neverFreezes?: boolean;
  readonly installsBeforeAllDone?: boolean;
  readonly processesStaleJoin?: boolean;
  readonly ignoresObligation?: boolean;
  // Token ring
  readonly acceptsDuplicateTokens?: boolean;
  readonly neverReducesFcc?: boolean;
  readonly safeAfterOneRotation?: boolean;
  /** `aru` is raised to what this member has, whoever lowered it. */
  readonly raisesAru?: boolean;
  readonly freesAtAru?: boolean;
  /** After a hole everything is delivered that is held. */
  readonly keepsAfterHole?: boolean;
  readonly neverResendsToken?: boolean;
  readonly readsAfterOneVisit?: boolean;
  // Rotating sequencer
  readonly assignsOutOfTurn?: boolean;
  readonly assignsWithoutRequests?: boolean;
  readonly assignsOutOfOrder?: boolean;
  readonly deliversWithoutMajority?: boolean;
  readonly majorityIsMaximum?: boolean;
  readonly freesAtMajority?: boolean;
  readonly countsLearners?: boolean;
  readonly deliversAfterHole?: boolean;
  readonly tellsNoStatus?: boolean;
  readonly answersNoAsk?: boolean;
  readonly readsWithoutEcho?: boolean;
  // Replication
  /** What is received counts as durable. */
  readonly acksBeforeDurable?: boolean;
  readonly quorumOfHalf?: boolean;
  readonly readsLocally?: boolean;
  readonly appliesInTransitional?: boolean;
  readonly acceptsStaleControl?: boolean;
  readonly commitsOnReceipt?: boolean;
  readonly amnesiacsVote?: boolean;
  readonly longestLogWins?: boolean;
  readonly primaryAfterOneReady?: boolean;
  readonly resubmitsOrdered?: boolean;
  /** "Accepted" is said before it is on disk. */
  readonly readyBeforeDurable?: boolean;
}
