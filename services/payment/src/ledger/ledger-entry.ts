import type { CardBrand } from '../card/card-brand.ts';

/** What became of a key, for ever: the first of charge and void decides. */
export type PaymentOutcome = 'charged' | 'declined' | 'voided';

/** ISO 4217's code for "no currency involved": the currency of a void that came before any charge. */
export const NO_CURRENCY = 'XXX';

/** One line of the ledger. It is written once and never changes. */
export interface LedgerEntry {
  /** 1, 2, 3 … in the order in which the ledger decided. */
  readonly number: number;
  /** The idempotency key: one entry a key. */
  readonly key: string;
  readonly outcome: PaymentOutcome;
  /** What the card holder is told: derived from seed and key, so it is the same in every run. */
  readonly reference: string;
  /** Integer minor units (cents); 0 for a void that came before any charge. */
  readonly amountMinor: number;
  /** ISO 4217; `NO_CURRENCY` for a void that came before any charge. */
  readonly currency: string;
  /** All that is kept of the card; undefined for a void that came before any charge. */
  readonly card: { readonly brand: CardBrand; readonly lastFour: string } | undefined;
  readonly decidedAtUnixMs: number;
}
