import type { Card } from '@everopen/payment';
import type { Checkout, ExpectedLine, Order, PaymentVerdict } from './purchase-types.ts';

/** How long the flow waits for this call. A port may give up earlier; later it is not listened to. */
export interface CallLimit {
  readonly timeoutMs: number;
}

/**
 * Every call that the purchase flow makes, and nothing else of the databases and of payment. All reject with
 * a `CodedError`. Steps are idempotent by the key they name, so a port may repeat them; it must not turn a
 * call whose fate it does not know into a refusal. A step that was taken already is answered for ever with
 * where things stand, however old the key; only beginning and placing are refused as `KeyExpired`.
 */
export interface PurchasePorts {
  readonly customers: CustomersPort;
  readonly products: ProductsPort;
  readonly payment: PaymentPort;
}

export interface CustomersPort {
  /** Whose session it is: a linearizable read. `Unauthenticated` if it has ended, or is no buyer's. */
  checkBuyerSession(sessionKey: Uint8Array, limit: CallLimit): Promise<{ readonly buyerId: number }>;
  /** A key that is known answers with its checkout, or `KeyReused` if that is another buyer's or cart's. */
  beginCheckout(
    request: {
      readonly checkoutKey: string;
      readonly sessionKey: Uint8Array;
      readonly lines: readonly ExpectedLine[];
    },
    limit: CallLimit,
  ): Promise<Checkout>;
  /** `KeyExpired`: the lines went back so long ago that the checkout is forgotten. */
  abortCheckout(checkoutKey: string, limit: CallLimit): Promise<Checkout>;
  recordPurchase(checkoutKey: string, order: Order, limit: CallLimit): Promise<Checkout>;
  /** `NotFound` for an unknown key. */
  getCheckout(checkoutKey: string, limit: CallLimit): Promise<Checkout>;
  /** The oldest open checkouts, and the log time at which they were listed. */
  listOpenCheckouts(
    request: { readonly begunBeforeUnixMs: number; readonly limit: number },
    limit: CallLimit,
  ): Promise<{ readonly checkouts: readonly Checkout[]; readonly logTimeUnixMs: number }>;
  /** The oldest feedback on items that the products database has not acknowledged, in order of its numbers. */
  listUndeliveredFeedback(limit: number, call: CallLimit): Promise<readonly ItemFeedback[]>;
  acknowledgeFeedback(upToFeedbackNumber: number, limit: CallLimit): Promise<void>;
}

export interface ProductsPort {
  placeOrder(
    request: {
      readonly orderKey: string;
      readonly buyerId: number;
      readonly lines: readonly ExpectedLine[];
    },
    limit: CallLimit,
  ): Promise<Order>;
  confirmOrder(orderKey: string, paymentReference: string, limit: CallLimit): Promise<Order>;
  cancelOrder(request: CallingOff, limit: CallLimit): Promise<Order>;
  /** A tombstone (in effect also for an expired key), unless there is an order: then that, as it is. */
  abortOrder(request: CallingOff, limit: CallLimit): Promise<Order>;
  markOrderRecorded(orderKey: string, limit: CallLimit): Promise<Order>;
  /** `NotFound` for an unknown key. */
  getOrder(orderKey: string, limit: CallLimit): Promise<Order>;
  /** The oldest orders that are `reserved` or `paid`, and the log time at which they were listed. */
  listUnfinishedOrders(
    request: { readonly placedBeforeUnixMs: number; readonly limit: number },
    limit: CallLimit,
  ): Promise<{ readonly orders: readonly Order[]; readonly logTimeUnixMs: number }>;
  /** Counts a number that is the next one; one that is counted already changes nothing. */
  countFeedback(feedback: ItemFeedback, limit: CallLimit): Promise<void>;
}

/** An order that is not to be, and why. The first reason given under a key stays, and is in every answer. */
export interface CallingOff {
  readonly orderKey: string;
  /** Our code. */
  readonly reason: string;
  /** As `refusal-details.ts` writes it. */
  readonly reasonDetails: string;
}

export interface PaymentPort {
  charge(
    request: {
      readonly key: string;
      readonly amountMinor: number;
      readonly currency: string;
      readonly card: Card;
    },
    limit: CallLimit,
  ): Promise<PaymentVerdict>;
  void(key: string, limit: CallLimit): Promise<PaymentVerdict>;
}

export interface ItemFeedback {
  /** 1, 2, 3 … */
  readonly feedbackNumber: number;
  readonly itemId: number;
  readonly thumbsUp: boolean;
}
