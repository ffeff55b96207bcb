import type { Position } from '../log/ordered-log.ts';
import type { StateTables } from './state-tables.ts';

/** What `apply` may know beside the command and the state. */
export interface ApplyContext {
  readonly position: Position;
  /** Log time: the median of the members' reported clocks, never going back. The only clock there is. */
  readonly nowMs: number;
  /** The rules in force; grows by a logged command only, so that versions never decide differently. */
  readonly featureLevel: number;
}

/**
 * A database: a deterministic function from commands to answers and row changes.
 *
 * `apply` reads and writes `tables` only. It may throw a `CodedError` to refuse: then every change it made
 * is undone and the refusal is the command's (remembered) answer. Any other exception is a bug that would
 * hit all replicas alike; the runtime stops the replica rather than guess.
 *
 * `payload` is a view of the command as it lies in the log. Bytes of it that go into rows are better copied
 * (`slice`), or each row keeps its whole command in memory.
 */
export interface StateMachine {
  readonly name: string;
  readonly tables: StateTables;
  apply(payload: Uint8Array, context: ApplyContext): Uint8Array;
}
