/** A line as the buyer saw it: the price here is the price that is paid, or the purchase is refused. */
export interface ExpectedLine {
  readonly itemId: number;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** A line of an order, with what the products database knew when it was placed. */
export interface OrderLine extends ExpectedLine {
  readonly sellerId: number;
  readonly name: string;
}

/** A checkout in the customers database. `aborted` and `recorded` are for ever. */
export interface Checkout {
  readonly checkoutKey: string;
  readonly buyerId: number;
  readonly state: 'open' | 'aborted' | 'recorded';
  /** Perhaps empty once it has ended: the order has them. */
  readonly lines: readonly ExpectedLine[];
  /** Log time of the customers database. */
  readonly begunAtUnixMs: number;
}

/** An order in the products database, under the key of its checkout. `cancelled` and `recorded` are for ever. */
export interface Order {
  /** 0: a tombstone, an order that never was and never will be. */
  readonly orderId: number;
  readonly orderKey: string;
  readonly buyerId: number;
  readonly state: 'reserved' | 'paid' | 'recorded' | 'cancelled';
  readonly lines: readonly OrderLine[];
  readonly totalMinor: number;
  readonly currency: string;
  /** Log time of the products database. */
  readonly placedAtUnixMs: number;
  /** Empty until paid. */
  readonly paymentReference: string;
  /** An error code once cancelled, else empty. */
  readonly cancelReason: string;
  /** What else the refusal said, as `refusal-details.ts` writes it; empty if there is no more. */
  readonly cancelDetails: string;
}

/**
 * What payment's ledger says about a key. It never changes: the first of charge and void decides it, and
 * both calls give it back from then on.
 */
export type PaymentVerdict =
  | {
      readonly result: 'charged';
      readonly reference: string;
      readonly amountMinor: number;
      readonly currency: string;
    }
  | { readonly result: 'declined' }
  | { readonly result: 'voided' };

/** A `CodedError` as plain data: a failure of a call, or the reason for which a purchase is refused. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}
