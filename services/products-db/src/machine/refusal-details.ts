import { counter, setCounter, type ProductsState } from './products-state.ts';

/**
 * Details of refusals that memory holds at once, in bytes: orders and tombstones keep them for a day. Past
 * it a refusal keeps its code alone, so that a flood of refused purchases costs answers their words, and
 * never the replica its memory. Room for 400,000 refusals a day of one line each.
 */
export const REFUSAL_DETAILS_HELD_MAX_BYTES: number = 64 * 1024 * 1024;

/** What the row of a new refusal keeps of its details: all, or NULL where there are none or is no room. */
export function holdDetails(state: ProductsState, details: string): string | null {
  if (details === '') return null;
  const held = counter(state, 'refusal_bytes_held') + details.length;
  if (held > REFUSAL_DETAILS_HELD_MAX_BYTES) return null;
  setCounter(state, 'refusal_bytes_held', held);
  return details;
}

/** The row that held them leaves memory. */
export function releaseDetails(state: ProductsState, details: string | null): void {
  if (details === null) return;
  setCounter(state, 'refusal_bytes_held', counter(state, 'refusal_bytes_held') - details.length);
}
