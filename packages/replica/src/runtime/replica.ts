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
  readonly once?: { readonly key: Uint8Array; readonly owner: string };
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
  readonly logTimeMs: number;
  readonly featureLevel: number;
  readonly counts: Readonly<Record<string, number>>;
}
