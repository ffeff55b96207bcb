import type {
  ListPurchasesRequest,
  ListPurchasesResponse,
  Purchase,
  StreamPurchasesRequest,
} from '@everopen/contract/customers';
import { Role } from '@everopen/contract/customers';
import type { Consistency, Replica } from '@everopen/replica';
import type { CallContext } from '@everopen/rpc';
import { openCheckoutsOf } from '../machine/checkouts.ts';
import type { CustomersState } from '../machine/customers-state.ts';
import { requireSession } from '../machine/sessions.ts';
import { PURCHASE_BY_KEY, PURCHASES_AFTER, PURCHASES_OF_BUYER } from '../schema/purchase-queries.ts';
import { checkLimit } from '../validation/check-requests.ts';
import { checkSessionKey } from '../validation/check-session-key.ts';
import { consistencyOf } from './consistency-of.ts';
import { purchaseOfOpenCheckout, purchasesOfRows, type NumberedPurchase } from './purchase-messages.ts';

const STREAM_PAGE = 100;

/**
 * A page of a buyer's history. The first page begins with the open checkouts (at most
 * `LIMITS.openOrdersPerBuyer`, beyond the limit): a paid order may still be one of them for seconds.
 */
export async function listPurchases(
  replica: Replica,
  state: CustomersState,
  request: ListPurchasesRequest,
  call: CallContext,
): Promise<ListPurchasesResponse> {
  checkSessionKey(request.sessionKey);
  checkLimit(request.limit);
  const isFirstPage = request.beforeOrderId === 0;
  const { value, position } = await replica.read(
    consistencyOf(call, replica),
    ({ nowMs }) => {
      const buyerId = requireSession(state, request.sessionKey, Role.BUYER, nowMs).account_id;
      return { buyerId, open: isFirstPage ? openCheckoutsOf(state, buyerId) : [] };
    },
    { freshTime: true },
  );
  // The store answers from this position or a later one, so what is no longer open by then is in its rows.
  const beforeOrderId = isFirstPage ? Number.MAX_SAFE_INTEGER : request.beforeOrderId;
  const answer = await replica.query({ level: 'session', atLeast: position }, PURCHASES_OF_BUYER, [
    value.buyerId,
    beforeOrderId,
    request.limit + 1,
  ]);
  call.setPosition(replica.positionToken(answer.position));
  const found = purchasesOfRows(answer.rows).map(({ purchase }) => purchase);
  const page = found.slice(0, request.limit);
  const recorded = new Set(page.map((purchase) => purchase.checkoutKey));
  const open = value.open.filter((checkout) => !recorded.has(checkout.checkoutKey));
  return {
    purchases: [...open.map(purchaseOfOpenCheckout), ...page],
    nextBeforeOrderId: found.length > page.length ? (page.at(-1) as Purchase).orderId : 0,
  };
}

/** Every recorded purchase by order id, as of one position at least; for the audit. */
export async function* streamPurchases(
  replica: Replica,
  request: StreamPurchasesRequest,
  call: CallContext,
): AsyncIterable<Purchase> {
  let consistency = consistencyOf(call, replica);
  let afterOrderId = request.afterOrderId;
  // No purchase of the order that the caller has seen already.
  let afterNumber = Number.MAX_SAFE_INTEGER;
  for (let isFirstPage = true; ; isFirstPage = false) {
    const { rows, position } = await replica.query(consistency, PURCHASES_AFTER, [
      afterOrderId,
      afterOrderId,
      afterNumber,
      STREAM_PAGE,
    ]);
    if (isFirstPage) call.setPosition(replica.positionToken(position));
    consistency = { level: 'session', atLeast: position };
    const page = purchasesOfRows(rows);
    for (const { purchase } of page) yield purchase;
    const last = page.at(-1);
    if (last === undefined || page.length < STREAM_PAGE || call.cancelled) return;
    afterOrderId = last.purchase.orderId;
    afterNumber = last.purchaseNumber;
  }
}

/** The purchase that a checkout ended in, if it did, however long ago. */
export async function findPurchase(
  replica: Replica,
  consistency: Consistency,
  checkoutKey: string,
): Promise<{ purchase: NumberedPurchase | undefined; position: number }> {
  const { rows, position } = await replica.query(consistency, PURCHASE_BY_KEY, [checkoutKey]);
  return { purchase: purchasesOfRows(rows)[0], position };
}
