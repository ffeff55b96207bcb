/** A source of random numbers that is handed in, so that a simulation can repeat a run. */
export interface Random {
  /** 0 … 2^32 − 1. */
  uint32(): number;
  /** 0 ≤ x < 1. */
  float(): number;
  /** An integer, 0 ≤ x < bound; `bound` from 1 to 2^32. */
  below(bound: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of the items, which must not be empty. */
  pick<T>(items: readonly T[]): T;
  /** Fills `bytes` and returns them. */
  fill<T extends Uint8Array>(bytes: T): T;
}
