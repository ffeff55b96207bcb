import { isCodedError } from '@everopen/core';
import type { Card } from '@everopen/payment';
import type { CallLimit, PurchasePorts } from './ports.ts';
import type { PurchaseCall, PurchaseEvent } from './purchase-state.ts';
import type { Checkout, Order, PaymentVerdict, Refusal } from './purchase-types.ts';

/** Makes a call of the flow, and gives what came of it as the flow's next event. Rejects as the port does. */
export async function makeCall(
  ports: PurchasePorts,
  call: PurchaseCall,
  card: Card | undefined,
  limit: CallLimit,
): Promise<PurchaseEvent> {
  const { customers, products, payment } = ports;
  switch (call.call) {
    case 'begin-checkout':
      return checkoutEvent(await customers.beginCheckout(call, limit));
    case 'abort-checkout':
      return checkoutEvent(await customers.abortCheckout(call.checkoutKey, limit));
    case 'record-purchase':
      return checkoutEvent(await customers.recordPurchase(call.checkoutKey, call.order, limit));
    case 'place-order':
      return orderEvent(await products.placeOrder(call, limit));
    case 'get-order':
      return orderEvent(await products.getOrder(call.orderKey, limit));
    case 'confirm-order':
      return orderEvent(await products.confirmOrder(call.orderKey, call.paymentReference, limit));
    case 'cancel-order':
      return orderEvent(await products.cancelOrder(call, limit));
    case 'abort-order':
      return orderEvent(await products.abortOrder(call, limit));
    case 'mark-order-recorded':
      return orderEvent(await products.markOrderRecorded(call.orderKey, limit));
    case 'charge': {
      if (card === undefined) throw new Error('A charge without a card');
      const { key, amountMinor, currency } = call;
      return verdictEvent(await payment.charge({ key, amountMinor, currency, card }, limit));
    }
    case 'void':
      return verdictEvent(await payment.void(call.key, limit));
  }
}

/** A failure as the flow sees it. What is not one of our errors decides nothing: `Internal`. */
export function failureOf(error: unknown): Refusal {
  if (isCodedError(error)) return { code: error.code, message: error.message, details: error.details };
  return { code: 'Internal', message: 'A call failed for a reason of its own', details: {} };
}

const checkoutEvent = (checkout: Checkout): PurchaseEvent => ({ kind: 'checkout', checkout });
const orderEvent = (order: Order): PurchaseEvent => ({ kind: 'order', order });
const verdictEvent = (verdict: PaymentVerdict): PurchaseEvent => ({ kind: 'verdict', verdict });
