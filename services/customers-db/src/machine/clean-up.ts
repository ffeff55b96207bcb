import { lastNumber, setNumber } from './counters.ts';
import type { CustomersState } from './customers-state.ts';
import { CLEAN_UP_STEPS } from './machine-limits.ts';
import { hasEnded } from './sessions.ts';

/**
 * Rows that nobody will ask for again leave a few at a time, with every command: no timer, no scan, the
 * same rows at the same position on every replica. Rows are numbered in the order in which they fall due
 * (log time never goes back), so looking at the lowest number is enough.
 */
export function cleanUp(state: CustomersState, nowMs: number): void {
  const stampDone = advance(state, 'sessionStamp', (number) => {
    const session = state.sessionByStamp.get(number)[0];
    // A session that was stamped again, or closed, has left a gap.
    if (session === undefined) return true;
    if (!hasEnded(session, nowMs)) return false;
    state.sessions.delete(session.session_key);
    return true;
  });
  if (stampDone !== undefined) setNumber(state, 'sessionStampDone', stampDone);

  const endedDone = advance(state, 'endedCheckout', (number) => {
    const checkout = state.endedByNumber.get(number)[0];
    if (checkout === undefined) return true;
    // A key from the near future keeps those behind it a little longer.
    if (nowMs < checkout.forget_at_ms) return false;
    state.endedCheckouts.delete(checkout.checkout_key);
    return true;
  });
  if (endedDone !== undefined) setNumber(state, 'endedCheckoutDone', endedDone);
}

/** Tries the next numbers of a queue; answers how far it is done now, if that is further than before. */
function advance(
  state: CustomersState,
  queue: 'sessionStamp' | 'endedCheckout',
  isDone: (number: number) => boolean,
): number | undefined {
  const before = lastNumber(state, `${queue}Done`);
  const end = Math.min(lastNumber(state, queue), before + CLEAN_UP_STEPS);
  let done = before;
  while (done < end && isDone(done + 1)) done++;
  return done > before ? done : undefined;
}
