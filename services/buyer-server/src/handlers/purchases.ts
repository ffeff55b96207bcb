import { asBuffer, type Databases } from '@everopen/accounts';
import { LIMITS } from '@everopen/contract';
import { CheckoutState, type Purchase as PurchaseMessage } from '@everopen/contract/customers';
import type { BUYER_ROUTES, Purchase } from '@everopen/contract/rest';
import { CodedError, isCodedError, type Clock } from '@everopen/core';
import { validateCard, type Card } from '@everopen/payment';
import type { RestCall, RestHandlers } from '@everopen/rest';
import { fromOrderMessage } from '../purchase/messages.ts';
import type { PurchaseFlow } from '../purchase/purchase-flow.ts';
import { cancellation } from '../purchase/refusals.ts';
import { paidPurchase, purchaseView, unplaced } from './purchase-view.ts';

/** Buying, and what was bought. */
export function purchaseHandlers(
  { customers, products }: Databases,
  flow: Pick<PurchaseFlow, 'lookup' | 'purchase'>,
  clock: Clock,
): Pick<RestHandlers<typeof BUYER_ROUTES>, 'giveFeedback' | 'purchase' | 'purchaseByKey' | 'purchases'> {
  return {
    purchase: async (call) => {
      const { lines, card } = call.body;
      checkCard(card, clock.unixMs());
      const { key: checkoutKey, session } = call;
      const outcome = await flow.purchase({ checkoutKey, sessionKey: session.sessionKey, lines, card });
      call.positions.seeNewest();
      const body = purchaseView(outcome);
      if (outcome.status === 'paid') return { status: 201, body, location: body.link };
      return { status: 202, body, location: body.link, retryAfterMs: outcome.retryAfterMs };
    },

    purchaseByKey: async (call) => {
      const view = await flow.lookup(call.params.key.toLowerCase(), call.session.sessionKey);
      return { status: 200, body: purchaseView(view) };
    },

    purchases: async (call) => {
      const { limit = LIMITS.pageDefault, cursor } = call.query;
      const page = await call.seen(
        'customers',
        customers.listPurchases(
          { sessionKey: asBuffer(call.session.sessionKey), beforeOrderId: parseCursor(cursor), limit },
          call.fresh(),
        ),
      );
      const purchases = await Promise.all(page.purchases.map((purchase) => historyView(call, purchase)));
      const { nextBeforeOrderId: next } = page;
      return { status: 200, body: { purchases, nextCursor: next === 0 ? null : String(next) } };
    },

    giveFeedback: async (call) => {
      const { itemId, thumbsUp } = call.body;
      const request = { sessionKey: asBuffer(call.session.sessionKey), itemId, thumbsUp };
      const { sellerId } = await call.seen('customers', customers.giveFeedback(request, call.once()));
      return { status: 201, body: { itemId, sellerId, thumbsUp } };
    },
  };

  /** A purchase of the history. What is not recorded yet is looked for among the orders: paid is paid. */
  async function historyView(call: HistoryCall, purchase: PurchaseMessage): Promise<Purchase> {
    const { checkoutKey: orderKey, lines } = purchase;
    if (purchase.state === CheckoutState.RECORDED) {
      return {
        ...unplaced(orderKey, lines),
        state: 'paid',
        orderId: purchase.orderId,
        at: new Date(purchase.atUnixMs).toISOString(),
        paymentReference: purchase.paymentReference,
        code: null,
      };
    }
    try {
      const message = await call.seen('products', products.getOrder({ orderKey }, call.fresh()));
      const order = fromOrderMessage(message);
      if (order.state === 'paid' || order.state === 'recorded') return paidPurchase(order);
      if (order.state === 'cancelled') {
        return { ...unplaced(orderKey, lines), state: 'refused', code: cancellation(order).code };
      }
    } catch (error) {
      if (!isCodedError(error, 'NotFound')) throw error;
    }
    return { ...unplaced(orderKey, lines), state: 'pending', code: null };
  }
}

type HistoryCall = Pick<RestCall<(typeof BUYER_ROUTES)['purchases']>, 'fresh' | 'seen'>;

/** Before anything else happens: a card that payment would refuse must not use a key up. */
function checkCard(card: Card, nowUnixMs: number): void {
  try {
    validateCard(card, nowUnixMs);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const { field } = error.details;
    throw new CodedError(error.code, error.message, { details: { field: `card.${String(field)}` } });
  }
}

/** A page goes on below an order's id; 0 asks for the first page. */
function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^[1-9][0-9]{0,14}$/.test(cursor)) return Number(cursor);
  throw new CodedError('InvalidArgument', 'cursor: Must be a cursor that a page before gave', {
    details: { field: 'cursor' },
  });
}
