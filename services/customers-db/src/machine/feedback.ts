import { CodedError } from '@everopen/core';
import { Role, type GiveFeedbackRequest, type GiveFeedbackResponse } from '@everopen/contract/customers';
import type { CustomersState } from './customers-state.ts';
import { postFeedback } from './outbox.ts';
import { countThumb } from './seller-ratings.ts';
import { useSession } from './sessions.ts';

/** Only buyers of an item rate it, once and for ever. It counts for the seller here, and for the item there. */
export function giveFeedback(
  state: CustomersState,
  request: GiveFeedbackRequest,
  nowMs: number,
): GiveFeedbackResponse {
  const buyerId = useSession(state, request.sessionKey, Role.BUYER, nowMs).account_id;
  const bought = state.boughtItems.get(buyerId, request.itemId);
  if (bought === undefined) {
    throw new CodedError('NotPurchased', 'You have not bought this item', { details: { field: 'item_id' } });
  }
  if (bought.thumbs_up !== null) {
    throw new CodedError('AlreadyRated', 'You have rated this item already', {
      details: { field: 'item_id' },
    });
  }
  state.boughtItems.put({ ...bought, thumbs_up: request.thumbsUp ? 1 : 0 });
  countThumb(state, bought.seller_id, request.thumbsUp);
  postFeedback(state, request.itemId, request.thumbsUp);
  return { sellerId: bought.seller_id };
}
