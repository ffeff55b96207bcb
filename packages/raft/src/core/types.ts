/** A member's number, 1 or more. 0 means nobody. */
export type MemberId = number;
/** A term: 0 before the first election. */
export type Term = number;
/** The place of an entry in the log: the first entry has index 1. */
export type Index = number;

/** Who votes and who only follows. A member is in at most one of the two lists. */
export interface Configuration {
  readonly voters: readonly MemberId[];
  /** Learners receive the log and count for nothing. */
  readonly learners: readonly MemberId[];
}

/** An index and the term of the entry there: this names an entry, for ever. */
export interface EntryPlace {
  readonly index: Index;
  readonly term: Term;
}

/** One entry of the replicated log. */
export type Entry = EntryPlace &
  (
    | { readonly kind: 'command'; readonly data: Uint8Array }
    /** Appended by a new leader, so that it has something of its own term to commit (paper, §8). */
    | { readonly kind: 'noop' }
    /** In force from the moment it is in the log, committed or not (paper, §6; thesis, §4.1). */
    | { readonly kind: 'configuration'; readonly configuration: Configuration }
  );

/** What must survive a crash beside the log (paper, figure 2: persistent state). */
export interface HardState {
  readonly term: Term;
  readonly votedFor: MemberId;
}

/** The state that a compacted log begins with. */
export interface SnapshotMeta extends EntryPlace {
  /** How many of the entries up to `index` are commands. */
  readonly commands: number;
  /** The configuration in force at `index`: it must come from the snapshot, never from memory. */
  readonly configuration: Configuration;
}

/** What the host found on its disk. */
export interface RestoredState {
  readonly hardState: HardState;
  readonly snapshot: SnapshotMeta;
  readonly entries: readonly Entry[];
}

/** A cluster's first state, the same on every member: nothing but who belongs to it. */
export function foundingState(configuration: Configuration): RestoredState {
  return {
    hardState: { term: 0, votedFor: 0 },
    snapshot: { index: 0, term: 0, commands: 0, configuration },
    entries: [],
  };
}
