import { CodedError } from '@everopen/core';
import type { Card, PaymentAnswer } from '@everopen/payment';
import { forcedOutcome } from '../../../payment/src/card/test-cards.ts';
import { decide } from '../../../payment/src/ledger/decide.ts';
import { drawFor } from '../../../payment/src/ledger/draw.ts';
import type { LedgerEntry } from '../../../payment/src/ledger/ledger-entry.ts';

/** Cards whose fate is known: `unreadable` is refused before the ledger sees it. */
export const CARDS = {
  good: card('4111111111111111'),
  declined: card('4000000000000002'),
  unreadable: card('4111111111111112'),
} as const;
export type CardKind = keyof typeof CARDS;

export interface PaymentModel {
  readonly ledger: ReadonlyMap<string, LedgerEntry>;
  readonly charge: (request: {
    readonly key: string;
    readonly amountMinor: number;
    readonly currency: string;
    readonly card: Card;
  }) => PaymentAnswer;
  readonly void: (request: { readonly key: string }) => PaymentAnswer;
}

/** Payment's own law over a ledger in memory; calls happen at once and entirely. */
export function createPaymentModel(nowUnixMs: () => number): PaymentModel {
  const ledger = new Map<string, LedgerEntry>();
  const settle = (request: Parameters<typeof decide>[1]): PaymentAnswer => {
    const entry = decide(ledger.get(request.key), request, {
      draw: drawFor(1, request.key),
      declineShare: 0,
      nextNumber: ledger.size + 1,
      nowUnixMs: nowUnixMs(),
    });
    ledger.set(request.key, entry);
    const { outcome, reference, amountMinor, currency } = entry;
    return { outcome, reference, amountMinor, currency };
  };
  return {
    ledger,
    charge: ({ key, amountMinor, currency, card: { number } }) => {
      if (number === CARDS.unreadable.number) {
        throw new CodedError('InvalidCard', "The card's number contains a typing mistake");
      }
      const forced = forcedOutcome(number);
      const known = { brand: 'visa', lastFour: number.slice(-4) } as const;
      return settle({ kind: 'charge', key, amountMinor, currency, card: known, forced });
    },
    void: ({ key }) => settle({ kind: 'void', key }),
  };
}

function card(number: string): Card {
  return { holderName: 'Ada Lovelace', number, expiryMonth: 12, expiryYear: 2040, securityCode: '123' };
}
