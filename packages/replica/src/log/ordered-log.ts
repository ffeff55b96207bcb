/**
 * A count of committed commands: the first command of a log's life has position 1, and 0 means "before
 * everything". Positions are dense, the same on every replica, and grow across rings, terms and restarts.
 */
export type Position = number;

/** What a log hands to the state machine, in order. */
export type LogEvent =
  | {
      readonly kind: 'commands';
      /** Position of the first command; the others follow without a gap. */
      readonly first: Position;
      /** The reader's to keep: never written to again. */
      readonly commands: readonly Uint8Array[];
    }
  | {
      /** The members that order the log changed here (a ring was installed, a leader elected …). */
      readonly kind: 'configuration';
      /** The position after which the change took place. */
      readonly after: Position;
      readonly members: readonly string[];
      readonly description: string;
    }
  | {
      /** This replica was too far behind: its state is to be replaced by this snapshot, then go on. */
      readonly kind: 'snapshot';
      readonly position: Position;
      readonly chunks: AsyncIterable<Uint8Array>;
    };

/** Who can give a snapshot of the state to a peer that is too far behind. Handed to the engine. */
export interface SnapshotSource {
  /**
   * A snapshot at or after `atLeast`; the chunks may be read slowly while service goes on. It holds a
   * connection of the store until they are read to the end or their iterator's `return` is called.
   */
  snapshot(atLeast: Position): Promise<{ position: Position; chunks: AsyncIterable<Uint8Array> }>;
}

/** What any engine can say about itself. `details` is the engine's own, JSON-safe. */
export interface LogStatus {
  readonly engine: string;
  readonly member: string;
  /** True while writes are accepted here (perhaps by forwarding them). */
  readonly ready: boolean;
  readonly committed: Position;
  /** The oldest position that can still be replayed. */
  readonly first: Position;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * A totally ordered, durable log of commands, the same on every replica. Who orders it is the engine's
 * business: `solo` (one replica), the group, Raft, or an existing engine.
 */
export interface OrderedLog {
  /**
   * Resolves with the command's position once it is committed: durable on a majority. Rejects with
   * `NotReady` or `Overloaded` (surely not ordered), or `Unknown` (it may or may not be: submit again, the
   * idempotency key inside makes it happen once), or `PayloadTooLarge`. The bytes must not be changed later.
   */
  submit(command: Uint8Array): Promise<Position>;
  /**
   * Committed commands after `after`, in order, without end, until the log is closed. One reader at a time.
   * A slow reader is waited for: at most a bounded number of commands is held for it.
   */
  committed(after: Position): AsyncIterable<LogEvent>;
  /**
   * A position that a read must have reached to be linearizable: at least that of every command whose
   * submission resolved anywhere before this call. Concurrent calls share one round. Rejects with `NotReady`.
   */
  readPoint(): Promise<Position>;
  /** Everything up to here is in durable state and may be forgotten. */
  trim(upTo: Position): Promise<void>;
  status(): LogStatus;
  /** Stops cleanly. Pending submissions reject with `Unknown` or `Closed`. */
  close(): Promise<void>;
}
