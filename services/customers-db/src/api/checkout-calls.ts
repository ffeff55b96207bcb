import { isCodedError } from '@everopen/core';
import {
  Checkout,
  CheckoutState,
  type CheckoutKeyRequest,
  type ListOpenCheckoutsRequest,
  type ListOpenCheckoutsResponse,
  type RecordPurchaseRequest,
} from '@everopen/contract/customers';
import type { Replica } from '@everopen/replica';
import { EncodedMessage, type CallContext } from '@everopen/rpc';
import { endedView, keyReused, listOpenCheckouts as openCheckouts, openView } from '../machine/checkouts.ts';
import type { CustomersState } from '../machine/customers-state.ts';
import { linesDigest } from '../machine/lines-digest.ts';
import { notFound } from '../machine/refusals.ts';
import { checkCheckout, checkLimit } from '../validation/check-requests.ts';
import { consistencyOf } from './consistency-of.ts';
import { checkoutOfPurchase } from './purchase-messages.ts';
import { findPurchase } from './read-history.ts';

type Step<Request> = (request: Request, call: CallContext) => Promise<EncodedMessage>;

/** A checkout wherever it is: open, ended a short while ago, or long since in the history. */
export async function getCheckout(
  replica: Replica,
  state: CustomersState,
  request: CheckoutKeyRequest,
  call: CallContext,
): Promise<Checkout> {
  checkCheckout(request);
  const { checkoutKey } = request;
  const { value: known, position } = await replica.read(consistencyOf(call, replica), () => {
    const open = state.openCheckouts.get(checkoutKey);
    if (open !== undefined) return openView(state, open);
    const ended = state.endedCheckouts.get(checkoutKey);
    return ended === undefined ? undefined : endedView(ended, []);
  });
  if (known !== undefined && known.state !== CheckoutState.RECORDED) {
    call.setPosition(replica.positionToken(position));
    return known;
  }
  const found = await findPurchase(replica, { level: 'session', atLeast: position }, checkoutKey);
  if (found.purchase === undefined) throw notFound('checkout_key', 'checkout');
  call.setPosition(replica.positionToken(found.position));
  return checkoutOfPurchase(found.purchase);
}

/**
 * Open checkouts for the sweepers, which ask for ever. What is listed has an age, which fresh log time tells,
 * for a log entry or two; an idle shop has nothing to list, and its log is to stay as it is.
 */
export async function listOpenCheckouts(
  replica: Replica,
  state: CustomersState,
  { begunBeforeUnixMs, limit }: ListOpenCheckoutsRequest,
  call: CallContext,
): Promise<ListOpenCheckoutsResponse> {
  checkLimit(limit);
  const list = ({ nowMs }: { nowMs: number }): ListOpenCheckoutsResponse => ({
    checkouts: openCheckouts(state, begunBeforeUnixMs, limit),
    logTimeUnixMs: nowMs,
  });
  let listed = await replica.read(consistencyOf(call, replica), list);
  if (listed.value.checkouts.length > 0) {
    const since = { level: 'session', atLeast: listed.position } as const;
    listed = await replica.read(since, list, { freshTime: true });
  }
  call.setPosition(replica.positionToken(listed.position));
  return listed.value;
}

/** The step, and for a key that the state machine has forgotten, the same answer from the history. */
export function recordPurchase(
  replica: Replica,
  step: Step<RecordPurchaseRequest>,
): (request: RecordPurchaseRequest, call: CallContext) => Promise<Checkout | EncodedMessage> {
  return orFromHistory(replica, step, (checkout, request) => {
    const isSame =
      checkout.orderId === request.orderId && linesDigest(checkout.lines) === linesDigest(request.lines);
    if (!isSame) throw keyReused();
  });
}

/** The same for an abort that comes when the purchase is history. */
export function abortCheckout(
  replica: Replica,
  step: Step<CheckoutKeyRequest>,
): (request: CheckoutKeyRequest, call: CallContext) => Promise<Checkout | EncodedMessage> {
  return orFromHistory(replica, step, () => {});
}

function orFromHistory<Request extends CheckoutKeyRequest>(
  replica: Replica,
  step: Step<Request>,
  compare: (checkout: Checkout, request: Request) => void,
): (request: Request, call: CallContext) => Promise<Checkout | EncodedMessage> {
  return async (request, call) => {
    try {
      return await step(request, call);
    } catch (error) {
      if (!isCodedError(error, 'KeyExpired')) throw error;
      const found = await findPurchase(replica, { level: 'linearizable' }, request.checkoutKey);
      if (found.purchase === undefined) throw error;
      const checkout = checkoutOfPurchase(found.purchase);
      compare(checkout, request);
      call.setPosition(replica.positionToken(found.position));
      return checkout;
    }
  };
}
