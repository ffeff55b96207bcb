import type { Clock, Logger, Random } from '@everopen/core';
import type { OrderedLog, SnapshotSource } from '../log/ordered-log.ts';
import type { ReplicaMutations } from '../replicated/mutations.ts';
import type { StateMachine } from '../state/state-machine.ts';
import type { OpenStore } from '../store/store.ts';

/** What an engine is opened with. */
export interface LogContext {
  /** For peers that are too far behind. */
  readonly snapshots: SnapshotSource;
}

/** Opens the ordered log: `soloLog(…)`, or another engine's. */
export type OpenLog = (context: LogContext) => Promise<OrderedLog>;

/** Limits of one replica. None of them decides what `apply` does. */
export interface ReplicaLimits {
  /** The longest payload of a command, bytes. Default 16 KiB. */
  readonly payloadBytesMax: number;
  /** Commands on their way, or in the log and not yet applied here; more are `Overloaded`. Default 10,000. */
  readonly commandsWaitingMax: number;
  /** How long a command may take before its caller is told `Unknown`. Default 10,000. */
  readonly commandWaitMsMax: number;
  /** Reads waiting for the state, and again as many for the store; more are `Overloaded`. Default 10,000. */
  readonly readsWaitingMax: number;
  /** How long a read waits to be fresh enough before it is `NotCaughtUp`. Default 2,000. */
  readonly readWaitMsMax: number;
  /** Changed rows (at least one a batch) that may wait for the store before the log is made to wait. Default 20,000. */
  readonly backlogRowsMax: number;
  /** The store is made durable, and the log trimmed, after so many commands … Default 20,000. */
  readonly checkpointCommands: number;
  /** … or bytes of commands … Default 16 MiB. */
  readonly checkpointBytes: number;
  /** … or so long after a command. Default 60,000. */
  readonly checkpointIntervalMs: number;
}

export const DEFAULT_LIMITS: ReplicaLimits = {
  payloadBytesMax: 16 * 1024,
  commandsWaitingMax: 10_000,
  commandWaitMsMax: 10_000,
  readsWaitingMax: 10_000,
  readWaitMsMax: 2000,
  backlogRowsMax: 20_000,
  checkpointCommands: 20_000,
  checkpointBytes: 16 * 2 ** 20,
  checkpointIntervalMs: 60_000,
};

export interface ReplicaOptions {
  /** Who this is; `openIdentity` gives one. */
  readonly identity: {
    readonly cluster: string;
    /** Of the founding record; a restored backup has a new one. */
    readonly epoch: number;
    readonly member: string;
    readonly members: readonly string[];
  };
  readonly machine: StateMachine;
  readonly log: OpenLog;
  readonly store: OpenStore;
  /**
   * Called once if the replica cannot go on (a failed disk, a bug in `apply`, a newer version's command).
   * It has stopped; end the process, and start it again: starting is recovering.
   */
  readonly onFatal: (error: unknown) => void;
  /** Members whose clocks make log time. Default: all. The same on every replica. */
  readonly clockMembers?: readonly string[];
  /** The highest feature level this program knows. Default 0. */
  readonly featureLevelMax?: number;
  readonly limits?: Partial<ReplicaLimits>;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** Deliberate bugs, for tests that show that such bugs are found. */
  readonly mutations?: ReplicaMutations;
}
