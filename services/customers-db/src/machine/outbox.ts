import type {
  AcknowledgeFeedbackRequest,
  AcknowledgeFeedbackResponse,
  Feedback,
} from '@everopen/contract/customers';
import { invalidArgument } from '../validation/invalid-argument.ts';
import { lastNumber, nextNumber, setNumber } from './counters.ts';
import type { CustomersState } from './customers-state.ts';
import { ACKNOWLEDGED_AT_ONCE_MAX, OUTBOX_MAX } from './machine-limits.ts';
import { overloaded } from './refusals.ts';

/*
 * Feedback on its way to the products database. Servers read it, deliver it in the order of its numbers
 * (the products database counts each number once), and acknowledge it. All of it may be repeated.
 */

export function postFeedback(state: CustomersState, itemId: number, thumbsUp: boolean): void {
  if (state.outbox.size >= OUTBOX_MAX) {
    throw overloaded('outbox', OUTBOX_MAX, 'Too much feedback waits for the products database');
  }
  state.outbox.put({
    feedback_number: nextNumber(state, 'feedback'),
    item_id: itemId,
    thumbs_up: thumbsUp ? 1 : 0,
  });
}

/** The next deliveries, lowest number first. */
export function listUndeliveredFeedback(state: CustomersState, limit: number): Feedback[] {
  const found: Feedback[] = [];
  const last = lastNumber(state, 'feedback');
  for (let number = lastNumber(state, 'feedbackDone') + 1; number <= last && found.length < limit; number++) {
    const row = state.outbox.get(number);
    if (row === undefined) throw new Error(`Feedback ${number} is neither delivered nor in the outbox`);
    found.push({ feedbackNumber: number, itemId: row.item_id, thumbsUp: row.thumbs_up === 1 });
  }
  return found;
}

/** Forgets what was delivered; an acknowledgement that comes late or twice changes nothing. */
export function acknowledgeFeedback(
  state: CustomersState,
  { upToFeedbackNumber: upTo }: AcknowledgeFeedbackRequest,
): AcknowledgeFeedbackResponse {
  const done = lastNumber(state, 'feedbackDone');
  const last = lastNumber(state, 'feedback');
  if (upTo > last)
    throw invalidArgument('up_to_feedback_number', `must be at most ${last}, the last one given`);
  if (upTo - done > ACKNOWLEDGED_AT_ONCE_MAX) {
    throw invalidArgument('up_to_feedback_number', `must be at most ${done + ACKNOWLEDGED_AT_ONCE_MAX} now`);
  }
  if (upTo <= done) return {};
  for (let number = done + 1; number <= upTo; number++) state.outbox.delete(number);
  setNumber(state, 'feedbackDone', upTo);
  return {};
}
