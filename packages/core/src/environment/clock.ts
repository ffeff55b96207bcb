export interface Timer {
  cancel(): void;
}

/** Time, handed in. Simulations give a virtual one. */
export interface Clock {
  /** Milliseconds with a fraction from an arbitrary start; never goes back. For intervals and deadlines. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01 UTC, whole. May jump. Only ever recorded, never used to measure. */
  unixMs(): number;
  /** Calls back once after `delayMs`. Does not keep the process alive by itself if `background`. */
  setTimer(delayMs: number, callback: () => void, options?: { background?: boolean }): Timer;
}
