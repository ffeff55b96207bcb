/** What makes a cluster: written to every replica once, and never changed by itself. */
export interface FoundingRecord {
  /** Unique for ever, e.g. a UUID. 1 to 64 characters. */
  readonly cluster: string;
  /** 1 at first; a cluster restored from a backup has the next. Position tokens carry it. */
  readonly epoch: number;
  /** Ids of the members that order the log at the beginning, sorted by nobody: the order is kept. */
  readonly members: readonly string[];
}

/** Who a running replica is. */
export interface ReplicaIdentity extends FoundingRecord {
  readonly member: string;
  /**
   * Of this disk: drawn when the data folder was first used. A blank disk, or another copy, is another
   * storage, which must not vote as if it remembered what the old one promised. 16 bytes, hexadecimal.
   */
  readonly storageId: string;
  /** True until the storage is confirmed: this disk remembers nothing, and its log may be made. */
  readonly storageIsNew: boolean;
  /** Drawn at each start: what was said before a restart is not taken for what is said after. 8 bytes, hexadecimal. */
  readonly bootId: string;
}
