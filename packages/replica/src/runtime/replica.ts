import type { LogStatus, Position } from '../log/ordered-log.ts';
import type { RowOf, StoreQuery, Value } from '../state/schema.ts';

/** How fresh a read must be. */
export type Consistency =
  | { readonly level: 'linearizable' }
  /** At least as fresh as this position of this log; waits a bounded time, else `NotCaughtUp`. */
  | { readonly level: 'session'; readonly atLeast: Position };

export interface ExecuteRequest {
  readonly payload: Uint8Array;
  /**
   * The client's idempotency key (UUIDv7) and whose quota its remembered answer counts against. Absent for
   * commands that are idempotent by themselves (steps of the purchase): their answers are not remembered.
   */
  readonly once?: {
    readonly key: Uint8Array;
    readonly owner: string;
    /**
     * 16 bytes that are the same for the same request of the client: the same key with another fingerprint
     * is `KeyReused`. Default: of the payload. To be given when the payload holds what a repetition would
     * make anew, e.g. a salted hash. Never of card data.
     */
    readonly fingerprint?: Uint8Array;
  };
}

export interface Answer {
  readonly result: Uint8Array;
  /** Where the command was applied for the first time. */
  readonly position: Position;
}

/** A replica of a replicated state machine, as its API sees it. */
export interface Replica {
  /** Orders and applies a command. Rejects with the machine's refusal, or a system error. */
  execute(request: ExecuteRequest): Promise<Answer>;
  /**
   * Runs `read` on the state in memory once it is fresh enough, synchronously: it must not keep references.
   * `nowMs` is log time; with `freshTime`, log time is first brought within a few seconds of the clock.
   */
  read<T>(
    consistency: Consistency,
    read: (view: { position: Position; nowMs: number }) => T,
    options?: { freshTime?: boolean },
  ): Promise<{ value: T; position: Position }>;
  /** Asks the store, once *it* is fresh enough. */
  query<Parameters extends readonly Value[]>(
    consistency: Consistency,
    query: StoreQuery<Parameters>,
    parameters: Parameters,
  ): Promise<{ rows: RowOf[]; position: Position }>;
  /**
   * Puts the rules of a feature level into force, everywhere at the same position. Never goes back. A level
   * that this program does not know is `InvalidArgument`; replicas that do not know it stop.
   */
  raiseFeatureLevel(level: number): Promise<void>;
  /** Makes the store durable now, and lets the log forget what is. Otherwise that happens from time to time. */
  checkpoint(): Promise<void>;
  /** "epoch:position", which clients carry from answer to request. A restored backup starts a new epoch. */
  positionToken(position: Position): string;
  /** The consistency a client's token asks for; `InvalidArgument` if it is not one of ours. */
  parsePositionToken(token: string): Consistency;
  status(): ReplicaStatus;
  close(): Promise<void>;
}

export interface ReplicaStatus {
  readonly member: string;
  readonly log: LogStatus;
  readonly applied: Position;
  readonly stored: Position;
  /** Of the state at `applied`: equal on all replicas at the same position. Hexadecimal. */
  readonly digest: string;
  /** Who orders the log, as last reported by it. */
  readonly members: readonly string[];
  readonly logTimeMs: number;
  readonly featureLevel: number;
  readonly counts: Readonly<Record<string, number>>;
}
