import type { Checkout, ExpectedLine, Order, PaymentVerdict, Refusal } from './purchase-types.ts';

/** Who carries the purchase on, and from what it starts. Never changes while the flow runs. */
export type PurchaseTask =
  /** The buyer's request, for the first time or again. Only this mode has a card, outside of the state. */
  | {
      readonly mode: 'buyer';
      readonly key: string;
      readonly sessionKey: Uint8Array;
      readonly lines: readonly ExpectedLine[];
    }
  /** An order that stayed `reserved` or `paid` for too long. */
  | { readonly mode: 'order-sweep'; readonly key: string; readonly order: Order }
  /** A checkout that stayed open for too long; whether it has an order is not known. */
  | { readonly mode: 'checkout-sweep'; readonly key: string };

/**
 * Where a purchase stands, in this server's eyes. Each phase but the first and the last waits for exactly
 * one call, which `callOf` gives. Nothing of this is stored: what survives a crash is in the two databases
 * and in payment's ledger.
 */
export type PurchasePhase =
  | { readonly name: 'not-started' }
  /** Step 1: the lines move out of the cart. */
  | { readonly name: 'beginning-checkout' }
  /** Step 2: stock is reserved, all lines or none. */
  | { readonly name: 'placing-order'; readonly checkout: Checkout }
  /** The checkout had ended before we came: only the order's data are missing for the answer. */
  | { readonly name: 'reading-order'; readonly checkout: Checkout }
  /** Step 3, with the card. */
  | { readonly name: 'charging'; readonly order: Order }
  /** Step 3, without a usable card. `refusal` says why, where the buyer gave the reason. */
  | { readonly name: 'voiding'; readonly order: Order; readonly refusal?: Refusal }
  /** Step 4, payment's ledger says `charged`. */
  | { readonly name: 'confirming'; readonly order: Order; readonly reference: string }
  /** Step 4, payment's ledger says `declined` or `voided`: the stock goes back. */
  | { readonly name: 'cancelling'; readonly order: Order; readonly refusal: Refusal }
  /** There is to be no order: a tombstone makes that final. */
  | { readonly name: 'aborting-order'; readonly refusal: Refusal }
  /** There is no order for ever: the lines go back into the cart. */
  | { readonly name: 'aborting-checkout'; readonly refusal: Refusal }
  /** Step 5: history and counters. */
  | { readonly name: 'recording'; readonly order: Order }
  /** The buyer has the answer; sweepers are told that nothing is left to do. */
  | { readonly name: 'marking-recorded'; readonly order: Order }
  | { readonly name: 'finished' };

export interface PurchaseState {
  readonly task: PurchaseTask;
  readonly phase: PurchasePhase;
  /** How often the phase's call failed without a decision, and how it did last. */
  readonly attempts: number;
  readonly failure?: Refusal;
}

/** A call to a database or to payment, as data. The card is not part of it: the shell adds it. */
export type PurchaseCall =
  | {
      readonly call: 'begin-checkout';
      readonly checkoutKey: string;
      readonly sessionKey: Uint8Array;
      readonly lines: readonly ExpectedLine[];
    }
  | {
      readonly call: 'place-order';
      readonly orderKey: string;
      readonly buyerId: number;
      readonly lines: readonly ExpectedLine[];
    }
  | { readonly call: 'get-order'; readonly orderKey: string }
  | {
      readonly call: 'charge';
      readonly key: string;
      readonly amountMinor: number;
      readonly currency: string;
    }
  | { readonly call: 'void'; readonly key: string }
  | { readonly call: 'confirm-order'; readonly orderKey: string; readonly paymentReference: string }
  | {
      readonly call: 'cancel-order' | 'abort-order';
      readonly orderKey: string;
      readonly reason: string;
      readonly reasonDetails: string;
    }
  | { readonly call: 'abort-checkout'; readonly checkoutKey: string }
  | { readonly call: 'record-purchase'; readonly checkoutKey: string; readonly order: Order }
  | { readonly call: 'mark-order-recorded'; readonly orderKey: string };

export type PurchaseResult =
  | { readonly status: 'paid'; readonly order: Order }
  /** Not decided yet; the same key goes on, or a sweeper does. */
  | { readonly status: 'pending' }
  | { readonly status: 'refused'; readonly refusal: Refusal }
  /** Databases and ledger contradict each other. Nothing more is done: people and the audit must look. */
  | { readonly status: 'contradiction'; readonly message: string };

export type PurchaseEffect =
  | { readonly kind: 'call'; readonly call: PurchaseCall }
  /** Come back with the event `retry`; the pause grows with `attempts`. */
  | { readonly kind: 'retry-later'; readonly attempts: number }
  /** Given exactly once in a flow. A call may still follow it. */
  | { readonly kind: 'answer'; readonly result: PurchaseResult };

export type PurchaseEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'checkout'; readonly checkout: Checkout }
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'verdict'; readonly verdict: PaymentVerdict }
  /** The call failed; its code tells whether that is a decision or leaves everything open. */
  | { readonly kind: 'failed'; readonly failure: Refusal }
  | { readonly kind: 'retry' }
  /** Whoever waits for the answer has waited long enough. May come in any phase. */
  | { readonly kind: 'deadline' };

export interface PurchaseStep {
  readonly state: PurchaseState;
  readonly effects: readonly PurchaseEffect[];
}

export function startPurchase(task: PurchaseTask): PurchaseState {
  return { task, phase: { name: 'not-started' }, attempts: 0 };
}
