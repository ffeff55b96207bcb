import type { PurchaseCall, PurchaseState } from './purchase-state.ts';
import type { Refusal } from './purchase-types.ts';
import { writeRefusalDetails } from './refusal-details.ts';

/** The one call that a phase waits for; none at the two ends. Repeating it is always allowed. */
export function callOf({ task, phase }: PurchaseState): PurchaseCall | undefined {
  const { key } = task;
  switch (phase.name) {
    case 'not-started':
    case 'finished':
      return undefined;
    case 'beginning-checkout':
      if (task.mode !== 'buyer') throw new Error('A sweeper never begins a checkout');
      return { call: 'begin-checkout', checkoutKey: key, sessionKey: task.sessionKey, lines: task.lines };
    case 'placing-order': {
      const { buyerId, lines } = phase.checkout;
      return { call: 'place-order', orderKey: key, buyerId, lines };
    }
    case 'reading-order':
      return { call: 'get-order', orderKey: key };
    case 'charging': {
      // What was reserved is what is paid: the price of the item now is nobody's business here.
      const { totalMinor, currency } = phase.order;
      return { call: 'charge', key, amountMinor: totalMinor, currency };
    }
    case 'voiding':
      return { call: 'void', key };
    case 'confirming':
      return { call: 'confirm-order', orderKey: key, paymentReference: phase.reference };
    case 'cancelling':
      return { call: 'cancel-order', orderKey: key, ...reasonOf(phase.refusal) };
    case 'aborting-order':
      return { call: 'abort-order', orderKey: key, ...reasonOf(phase.refusal) };
    case 'aborting-checkout':
      return { call: 'abort-checkout', checkoutKey: key };
    case 'recording':
      return { call: 'record-purchase', checkoutKey: key, order: phase.order };
    case 'marking-recorded':
      return { call: 'mark-order-recorded', orderKey: key };
  }
}

function reasonOf(refusal: Refusal): { reason: string; reasonDetails: string } {
  return { reason: refusal.code, reasonDetails: writeRefusalDetails(refusal) };
}
