import type { Card } from '../card/card.ts';
import type { LedgerEntry, PaymentOutcome } from '../ledger/ledger-entry.ts';

/** The payment service's word on a key. The first of charge and void wins for ever; later calls repeat it. */
export interface PaymentAnswer {
  /** A charge may answer `voided` (a void came first), a void `charged` or `declined` (a charge came first). */
  readonly outcome: PaymentOutcome;
  readonly reference: string;
  /** Integer minor units (cents); 0 if the key was voided before any charge. */
  readonly amountMinor: number;
  /** ISO 4217; `XXX` (no currency) if the key was voided before any charge. */
  readonly currency: string;
}

export interface CallOptions {
  /** How long the caller waits; afterwards the call rejects with `PaymentUnavailable`. */
  readonly deadlineMs?: number;
}

/**
 * Calls the payment service. Every call is sent at most once: retrying, with the same key, is the caller's
 * decision. Rejects with a `CodedError`:
 *
 * - `PaymentUnavailable`: it is not known what happened (connection, deadline, an answer that makes no sense);
 * - `InvalidCard`, `InvalidArgument`: `details.field` is not acceptable; nothing was charged or recorded;
 * - `KeyReused`: the key was charged with another amount or currency before;
 * - `Closed`: after `close()`; nothing was sent.
 */
export interface PaymentClient {
  /**
   * Asks for money, at most once per key. `key`: 1–64 letters, digits, `.`, `_`, `:`, `-`.
   * `amountMinor`: a whole number of minor units, at least 1.
   */
  charge(
    request: {
      readonly key: string;
      readonly amountMinor: number;
      readonly currency: string;
      readonly card: Card;
    },
    options?: CallOptions,
  ): Promise<PaymentAnswer>;
  /** Rules out a charge with this key for ever, unless one has been decided already. */
  void(request: { readonly key: string }, options?: CallOptions): Promise<PaymentAnswer>;
  /** Up to `limit` (1–100) entries with a number above `after`, in order. */
  listEntries(after: number, limit: number, options?: CallOptions): Promise<LedgerEntry[]>;
  /** Ends the connections; calls in flight reject. */
  close(): Promise<void>;
}
