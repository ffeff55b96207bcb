/** The bounds of one member. All of them are reached with a typed refusal or by waiting, never by growing. */
export interface RaftLimits {
  /** Election timeout E in ticks; the real one is drawn from [E, 2E) at each role change. */
  readonly electionTicks: number;
  /** One `append` carries at most so much (but always one entry). */
  readonly appendMaxEntries: number;
  readonly appendMaxBytes: number;
  /** Sent to one follower and not acknowledged. */
  readonly inflightMaxBytes: number;
  readonly inflightMaxMessages: number;
  /** Appended by a leader and not committed: more is `Overloaded`. */
  readonly uncommittedMaxBytes: number;
  /** Committed and not applied: beyond this a leader is `Overloaded`, and a follower stops acknowledging. */
  readonly unappliedMaxBytes: number;
  /** Reads that wait for their round: more are `Overloaded`. */
  readonly pendingReadsMax: number;
  /** A longer command is `PayloadTooLarge`. */
  readonly commandMaxBytes: number;
  /** A learner may become a voter when it lacks at most so many entries. */
  readonly promotionMaxLag: number;
  readonly votersMax: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_RAFT_LIMITS: RaftLimits = {
  electionTicks: 10,
  appendMaxEntries: 512,
  appendMaxBytes: MIB,
  inflightMaxBytes: 8 * MIB,
  inflightMaxMessages: 256,
  uncommittedMaxBytes: 32 * MIB,
  unappliedMaxBytes: 32 * MIB,
  pendingReadsMax: 10_000,
  commandMaxBytes: MIB,
  promotionMaxLag: 1_000,
  votersMax: 9,
};
