import type { GroupState } from './group-state.ts';

/**
 * Agrees to a ring number, and so never again to it or a lower one, not even after a restart: it has to be reserved on disk
 * first. Numbers are reserved in blocks, ahead of need. False if this one is not reserved yet; the sender's repetition
 * of the commit token, or the next attempt, finds it reserved.
 */
export function promise(state: GroupState, seq: number): boolean {
  const { reserveBlock } = state.settings;
  const ahead = seq + reserveBlock;
  if (seq + reserveBlock / 2 > state.reserving) {
    state.reserving = ahead;
    state.outbox.reserve(ahead);
  }
  if (seq > state.reserved && state.mutations.forgetsPromise !== true) return false;
  state.promised = Math.max(state.promised, seq);
  state.maxRing = Math.max(state.maxRing, seq);
  return true;
}
