export type { Card } from './card/card.ts';
export type { CardBrand } from './card/card-brand.ts';
export { NO_CURRENCY, type LedgerEntry, type PaymentOutcome } from './ledger/ledger-entry.ts';
export type { CallOptions, PaymentAnswer, PaymentClient } from './client/payment-client.ts';
