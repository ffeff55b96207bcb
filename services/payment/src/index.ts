/**
 * The payment service, and what its callers need: the client and the checks of a card.
 * It stands for an outside party: one process, one durable ledger, spoken to by SOAP.
 */
export { DECLINE_SHARE_DEFAULT, SEED_DEFAULT, startPayment, type PaymentConfig } from './start-payment.ts';
export { createPaymentClient, type PaymentClientOptions } from './client/create-payment-client.ts';
export type { CallOptions, PaymentAnswer, PaymentClient } from './client/payment-client.ts';
export type { Card } from './card/card.ts';
export type { CardBrand } from './card/card-brand.ts';
export { validateCard, type ValidCard } from './card/validate-card.ts';
export { TEST_CARDS } from './card/test-cards.ts';
export { NO_CURRENCY, type LedgerEntry, type PaymentOutcome } from './ledger/ledger-entry.ts';
