import type { Clock } from '@everopen/core';

/** An answer is good for so long: asking often must not become a load on the databases. */
const REMEMBERED_MS = 500;

/** Asks `probe` at most twice a second, however often the result is wanted. */
export function readiness(probe: () => Promise<void>, clock: Clock): () => Promise<void> {
  let asked: { readonly atMs: number; readonly result: Promise<void> } | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (asked === undefined || nowMs - asked.atMs > REMEMBERED_MS) asked = { atMs: nowMs, result: probe() };
    return asked.result;
  };
}
