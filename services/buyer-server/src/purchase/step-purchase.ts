import { formatMoney } from '@everopen/contract';
import { callOf } from './call-of.ts';
import type {
  PurchaseEffect,
  PurchaseEvent,
  PurchasePhase,
  PurchaseResult,
  PurchaseState,
  PurchaseStep,
} from './purchase-state.ts';
import type { Checkout, Order, PaymentVerdict, Refusal } from './purchase-types.ts';
import { cancellation, chargeRefusal, isDecision, refusal } from './refusals.ts';

/**
 * The purchase flow: one event in, the next state and the effects out. No clock, promise or randomness.
 *
 * Two logs and a payment service cannot commit together, so a purchase is a chain of steps, each of them
 * atomic where it happens, idempotent by the checkout's key, and never undone by a later one except along
 * the edges below. Why that is safe:
 *
 * **Any server can go on after any crash.** A flow stores nothing. Everything it knows it got from the
 * checkout (customers database), the order (products database) and the ledger entry (payment) under one
 * key, and it gets the same again by making the same calls: a step that was taken already answers with
 * where things stand now. So a crash, a retry on another server and two servers at once are one case: some
 * calls are repeated. Of two racing flows the first call decides, and the answer tells both.
 *
 * **Two decisions are for ever, each made in one place.** Whether there can be an order: `placeOrder` or the
 * tombstone of `abortOrder`, whichever the products database applies first. Whether money moves: `charge` or
 * `void`, whichever the ledger has first. What becomes of order and checkout follows from these two alone,
 * by implication, never by a guess:
 *
 *     order paid          ⇐  ledger `charged`      a charge needs a reserved order, and nothing but the
 *     order cancelled     ⇐  ledger `declined` or    ledger's word cancels a reserved order, so `charged`
 *                            `voided`, or tombstone  and `cancelled` exclude each other
 *     checkout recorded   ⇐  order paid            both for ever, so lines never are in the history
 *     checkout aborted    ⇐  order cancelled         and back in the cart
 *
 * **A timeout is never a failure.** A call that was not answered may have taken effect, now or later, so it
 * only ever leads to the same call again, or to the answer *pending*. Giving up on money is a call of its
 * own, `void`, and is believed only when the ledger has answered it. A call that is delivered late, or
 * twice, meets a decision that is made, and changes nothing.
 *
 * **One refusal a key.** Racing servers may be refused for different reasons: no stock here, too late there.
 * The products database keeps the first that reaches it, with the tombstone or the cancelled order, and a
 * flow that ends there answers with what is kept, not with what it knows: so every server, now and later,
 * refuses in the same words.
 *
 * **Price and card are not read again.** The buyer's request names the prices, the checkout keeps them, the
 * order is placed at exactly these or refused, and the amount charged is the total that the order has kept
 * since. The card is not part of any state: it is in the request alone. A sweeper has none, so it
 * cannot charge, only void.
 */
export function stepPurchase(state: PurchaseState, event: PurchaseEvent): PurchaseStep {
  switch (event.kind) {
    case 'started':
      return enter(state, firstPhase(state));
    case 'retry':
      return { state, effects: callEffects(state) };
    case 'deadline':
      return atDeadline(state);
    case 'failed':
      return isDecision(event.failure) ? refused(state, event.failure) : undecided(state, event.failure);
    case 'checkout':
      return withCheckout(state, event.checkout);
    case 'order':
      return withOrder(state, event.order);
    case 'verdict':
      return withVerdict(state, event.verdict);
  }
}

function firstPhase({ task }: PurchaseState): PurchasePhase {
  switch (task.mode) {
    // Always from the beginning: where the key got to before is in the answers.
    case 'buyer':
      return { name: 'beginning-checkout' };
    // A checkout without an order, as far as one knows: rule the order out before the lines go back.
    case 'checkout-sweep':
      return { name: 'aborting-order', refusal: refusal('OrderAborted') };
    case 'order-sweep':
      return afterOrder(task.order);
  }
}

/** An order that a sweeper saw. Without a card a reserved order can only be voided. */
function afterOrder(order: Order): PurchasePhase {
  switch (order.state) {
    case 'reserved':
      return { name: 'voiding', order };
    // `recorded` and `cancelled` are not listed as unfinished; they would mean the same as everywhere.
    case 'paid':
    case 'recorded':
      return { name: 'recording', order };
    case 'cancelled':
      return { name: 'aborting-checkout', refusal: cancellation(order) };
  }
}

/** The customers database answered: `begin`, `abort` or `record`. */
function withCheckout(state: PurchaseState, checkout: Checkout): PurchaseStep {
  const { phase } = state;
  switch (phase.name) {
    case 'beginning-checkout':
      // Open: perhaps by an earlier attempt that has placed an order or even paid; `placeOrder` will tell.
      if (checkout.state === 'open') return enter(state, { name: 'placing-order', checkout });
      // Ended: nothing is left to do but to give the answer again, which is in the order.
      return enter(state, { name: 'reading-order', checkout });
    case 'aborting-checkout':
      return checkout.state === 'aborted'
        ? answer(state, refusedWith(phase.refusal))
        : contradiction(state, `the order can never be paid, and the checkout is ${checkout.state}`);
    case 'recording':
      return checkout.state === 'recorded'
        ? answerAndMark(state, phase.order)
        : contradiction(state, `the order is paid, and the checkout is ${checkout.state}`);
    default:
      return unexpected(state, 'checkout');
  }
}

/**
 * The products database answered. The order's state decides, whatever was asked: another server may have
 * been faster.
 */
function withOrder(state: PurchaseState, order: Order): PurchaseStep {
  const { phase } = state;
  switch (phase.name) {
    case 'placing-order':
      return withPlacedOrder(state, order);
    case 'aborting-order':
      return withAbortedOrder(state, order);
    case 'confirming':
      // `recorded`: another server has confirmed it and was faster. Recording again changes nothing.
      return order.state === 'paid' || order.state === 'recorded'
        ? enter(state, { name: 'recording', order })
        : contradiction(state, `the payment is charged, and the order is ${order.state}`);
    case 'cancelling':
      return order.state === 'cancelled'
        ? enter(state, { name: 'aborting-checkout', refusal: cancellation(order) })
        : contradiction(state, `nothing will ever be charged, and the order is ${order.state}`);
    case 'reading-order':
      return withOrderOfEndedCheckout(state, phase.checkout, order);
    case 'marking-recorded':
      return order.state === 'recorded'
        ? finish(state)
        : contradiction(state, `the purchase is recorded, and the order is ${order.state}`);
    default:
      return unexpected(state, 'order');
  }
}

/** The checkout is open; the order is new, or as far as an earlier attempt got with it. */
function withPlacedOrder(state: PurchaseState, order: Order): PurchaseStep {
  switch (order.state) {
    case 'reserved':
      return enter(state, { name: 'charging', order });
    // `recorded`: somebody recorded it since the checkout was read, or a backup was restored. Again, then.
    case 'paid':
    case 'recorded':
      return enter(state, { name: 'recording', order });
    case 'cancelled':
      return enter(state, { name: 'aborting-checkout', refusal: cancellation(order) });
  }
}

/** There was to be no order: either there is none now, for ever, or another server had placed it before. */
function withAbortedOrder(state: PurchaseState, order: Order): PurchaseStep {
  switch (order.state) {
    case 'cancelled':
      return enter(state, { name: 'aborting-checkout', refusal: cancellation(order) });
    case 'paid':
    case 'recorded':
      return enter(state, { name: 'recording', order });
    // The buyer is here with a card. For a sweeper, the order has a deadline of its own, which has perhaps
    // only begun.
    case 'reserved':
      return state.task.mode === 'buyer'
        ? enter(state, { name: 'charging', order })
        : answer(state, { status: 'pending' });
  }
}

/** A retry after the end: the same answer as the first time. */
function withOrderOfEndedCheckout(state: PurchaseState, checkout: Checkout, order: Order): PurchaseStep {
  if (checkout.state === 'recorded') {
    if (order.state === 'recorded') return answer(state, { status: 'paid', order });
    if (order.state === 'paid') return answerAndMark(state, order);
  } else if (order.state === 'cancelled') {
    return answer(state, refusedWith(cancellation(order)));
  }
  return contradiction(state, `the checkout is ${checkout.state}, and the order is ${order.state}`);
}

/** Payment's ledger has spoken, to a charge or to a void: the answer means the same. */
function withVerdict(state: PurchaseState, verdict: PaymentVerdict): PurchaseStep {
  const { phase } = state;
  if (phase.name !== 'charging' && phase.name !== 'voiding') return unexpected(state, 'verdict');
  const { order } = phase;
  switch (verdict.result) {
    case 'charged':
      // Cannot be: the order never changes. But it is the one place where money and goods are compared.
      if (verdict.amountMinor !== order.totalMinor || verdict.currency !== order.currency) {
        return contradiction(
          state,
          `${formatMoney(verdict.amountMinor, verdict.currency)} are charged for the order`,
        );
      }
      return enter(state, { name: 'confirming', order, reference: verdict.reference });
    case 'declined':
      return enter(state, { name: 'cancelling', order, refusal: refusal('PaymentDeclined') });
    case 'voided': {
      const asked = phase.name === 'voiding' ? phase.refusal : undefined;
      return enter(state, { name: 'cancelling', order, refusal: asked ?? refusal('PaymentVoided') });
    }
  }
}

/** A call was refused for good. */
function refused(state: PurchaseState, failure: Refusal): PurchaseStep {
  const { phase } = state;
  switch (phase.name) {
    // No checkout came of it: the cart is as it was. (Had an earlier attempt begun one, that would have been
    // the answer. If the session ended since, the checkout is left to the sweepers.)
    case 'beginning-checkout':
      return answer(state, refusedWith(failure));
    // This attempt got no order, but another server's may still: make it final before the lines go back.
    case 'placing-order':
      return enter(state, { name: 'aborting-order', refusal: failure });
    // Payment does not take this card, and has noted nothing. Only a void makes sure that nothing else will
    // be charged under this key; a delayed or a corrected attempt may have been faster.
    case 'charging':
      return enter(state, { name: 'voiding', order: phase.order, refusal: chargeRefusal(failure) });
    case 'reading-order':
      // No order, not even a tombstone: it went when the key expired (or a backup was restored). The lines are
      // back, whatever the refusal was.
      return failure.code === 'NotFound' && phase.checkout.state === 'aborted'
        ? answer(state, refusedWith(refusal('KeyExpired')))
        : contradiction(state, `the order cannot be read: ${failure.code}`);
    case 'aborting-checkout':
      // The key is a day old, and neither open nor in the history: another server has given the lines back.
      if (failure.code === 'KeyExpired') return answer(state, refusedWith(phase.refusal));
      return contradiction(state, `${phase.name} was refused: ${failure.code}: ${failure.message}`);
    // Each of these follows from what is decided, so a refusal is somebody's fault, and not the buyer's.
    case 'voiding':
    case 'confirming':
    case 'cancelling':
    case 'aborting-order':
    case 'recording':
    case 'marking-recorded':
      return contradiction(state, `${phase.name} was refused: ${failure.code}: ${failure.message}`);
    case 'not-started':
    case 'finished':
      return unexpected(state, 'failed');
  }
}

/** The call may or may not have taken effect, or will: the same call again, after a pause. */
function undecided(state: PurchaseState, failure: Refusal): PurchaseStep {
  if (callOf(state) === undefined) return unexpected(state, 'failed');
  const attempts = state.attempts + 1;
  return { state: { ...state, attempts, failure }, effects: [{ kind: 'retry-later', attempts }] };
}

/** The wait is over. This server lets go; the same key, or a sweeper, goes on from what is decided. */
function atDeadline(state: PurchaseState): PurchaseStep {
  const { phase } = state;
  switch (phase.name) {
    // Answered already. Whether sweepers know does not concern the buyer.
    case 'finished':
    case 'marking-recorded':
      return finish(state);
    // Perhaps there is a checkout, perhaps not: there is nothing yet that a link could show.
    case 'not-started':
    case 'beginning-checkout':
      return answer(
        state,
        refusedWith(
          state.failure ?? refusal('DeadlineExceeded', 'The customers database did not answer in time'),
        ),
      );
    // Paid is paid. The history follows within seconds.
    case 'recording':
      return answer(state, { status: 'paid', order: phase.order });
    case 'placing-order':
    case 'reading-order':
    case 'charging':
    case 'voiding':
    case 'confirming':
    case 'cancelling':
    case 'aborting-order':
    case 'aborting-checkout':
      return answer(state, { status: 'pending' });
  }
}

function enter(state: PurchaseState, phase: PurchasePhase): PurchaseStep {
  const next = { task: state.task, phase, attempts: 0 };
  return { state: next, effects: callEffects(next) };
}

function callEffects(state: PurchaseState): readonly PurchaseEffect[] {
  const call = callOf(state);
  return call === undefined ? [] : [{ kind: 'call', call }];
}

function answer(state: PurchaseState, result: PurchaseResult): PurchaseStep {
  return { ...finish(state), effects: [{ kind: 'answer', result }] };
}

/** The purchase is complete for the buyer; what is left is bookkeeping, and nobody should wait for it. */
function answerAndMark(state: PurchaseState, order: Order): PurchaseStep {
  const { state: next, effects } = enter(state, { name: 'marking-recorded', order });
  return { state: next, effects: [{ kind: 'answer', result: { status: 'paid', order } }, ...effects] };
}

function finish(state: PurchaseState): PurchaseStep {
  return { state: { task: state.task, phase: { name: 'finished' }, attempts: 0 }, effects: [] };
}

function refusedWith(reason: Refusal): PurchaseResult {
  return { status: 'refused', refusal: reason };
}

function contradiction(state: PurchaseState, what: string): PurchaseStep {
  const message = `Purchase ${state.task.key}: ${what}`;
  // The buyer has an answer already, and it stays true.
  if (state.phase.name === 'marking-recorded') throw new Error(message);
  return answer(state, { status: 'contradiction', message });
}

/** The shell broke the contract of one call at a time. Stopping is the only safe thing. */
function unexpected(state: PurchaseState, event: string): never {
  throw new Error(`Event ${event} in phase ${state.phase.name}`);
}
