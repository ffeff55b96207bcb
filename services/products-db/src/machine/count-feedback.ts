import { CountFeedbackResponse, type CountFeedbackRequest } from '@everopen/contract/products';
import { invalid } from '../validation/invalid.ts';
import { checkCountFeedback } from '../validation/order.ts';
import { changeItem } from './change-item.ts';
import { knownItem } from './listings.ts';
import { counter, setCounter, type ProductsState } from './products-state.ts';

/**
 * Counts one rating from the customers database's outbox (M18). Numbers come in order: one that is counted
 * already changes nothing, so deliveries may be repeated; a gap is refused, so none can be lost.
 */
export function countFeedback(state: ProductsState, request: CountFeedbackRequest): Uint8Array {
  const { feedbackNumber, itemId, thumbsUp } = checkCountFeedback(request);
  const countedUpTo = counter(state, 'feedback_counted');
  if (feedbackNumber <= countedUpTo) return CountFeedbackResponse.encode({ countedUpTo }).finish();
  if (feedbackNumber !== countedUpTo + 1) {
    throw invalid('feedback_number', `must be ${countedUpTo + 1}, the next one`, { countedUpTo });
  }
  const item = knownItem(state, itemId);
  changeItem(state, item, {
    ...item,
    thumbs_up: item.thumbs_up + (thumbsUp ? 1 : 0),
    thumbs_down: item.thumbs_down + (thumbsUp ? 0 : 1),
  });
  setCounter(state, 'feedback_counted', feedbackNumber);
  return CountFeedbackResponse.encode({ countedUpTo: feedbackNumber }).finish();
}
