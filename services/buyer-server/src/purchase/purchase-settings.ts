/** Waits and limits of the purchase flow. All are whole numbers above 0. */
export interface PurchaseSettings {
  /** A purchase is answered within this time: paid, refused, or pending. */
  readonly answerWithinMs: number;
  /** One call to a database, with what its client repeats by itself. */
  readonly databaseTimeoutMs: number;
  /** One call to payment. A slow answer is asked for again, with the same key. */
  readonly paymentTimeoutMs: number;
  /** The pause before a call is repeated: from the first to the longest, doubling, with jitter. */
  readonly retryPauseFirstMs: number;
  readonly retryPauseMaxMs: number;
  /** What a pending answer tells the client to wait. */
  readonly pendingRetryAfterMs: number;
  /** Purchases that one server carries at a time; more are `Overloaded`. */
  readonly maxInFlight: number;

  /** By log time: a `reserved` order older than this is voided, an open checkout without an order ended. */
  readonly reservationMs: number;
  /** By log time since it was placed: a `paid` order older than this is recorded by a sweeper. */
  readonly recordWithinMs: number;
  /** The mean pause between two sweeps of one server; each pause is 0.5–1.5 of it. */
  readonly sweepPauseMs: number;
  /** Orders, checkouts and feedback that one sweep takes on, of each. At most `LIMITS.pageMax`. */
  readonly sweepLimit: number;
  /** How many of them at a time. */
  readonly sweepConcurrency: number;
  /** A purchase that a sweep cannot finish in this time waits for the next sweep. */
  readonly sweepFlowMs: number;
}

export const DEFAULT_PURCHASE_SETTINGS: PurchaseSettings = {
  answerWithinMs: 10_000,
  databaseTimeoutMs: 3_000,
  paymentTimeoutMs: 5_000,
  retryPauseFirstMs: 20,
  retryPauseMaxMs: 1_000,
  pendingRetryAfterMs: 2_000,
  maxInFlight: 512,
  reservationMs: 60_000,
  recordWithinMs: 3_000,
  sweepPauseMs: 3_000,
  sweepLimit: 100,
  sweepConcurrency: 8,
  sweepFlowMs: 10_000,
};
