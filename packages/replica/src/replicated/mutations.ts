/**
 * Deliberate bugs, switched on by tests only: the simulation is worth something because it finds every one
 * of them. Never set in production.
 */
export interface ReplicaMutations {
  /** Remembered answers do not go to the store. */
  readonly answersNotStored?: boolean;
  /** Remembered answers are left out of snapshots. */
  readonly answersNotInSnapshot?: boolean;
  /** The store's rows come in one transaction, the position in the next. */
  readonly rowsBeforePosition?: boolean;
  /** The store's position comes in one transaction, the rows in the next. */
  readonly positionBeforeRows?: boolean;
  /** The effect is stored with the position, the key only with the next batch. */
  readonly keyAfterEffect?: boolean;
  /** What a refused command did stays. */
  readonly keepRefusedEffects?: boolean;
  /** Refusals are not remembered. */
  readonly forgetRefusals?: boolean;
  /** Answers are dropped as soon as keys made when they came are too old. */
  readonly forgetEarly?: boolean;
  /** The log is trimmed up to what is stored, not to what is durable there. */
  readonly trimBeforeCheckpoint?: boolean;
  /** A caller is answered when its command was handed to the log, not when it was committed. */
  readonly answerBeforeCommit?: boolean;
}
