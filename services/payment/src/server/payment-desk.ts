import { createHash, timingSafeEqual } from 'node:crypto';
import { CodedError } from '@everopen/core';
import { forcedOutcome } from '../card/test-cards.ts';
import { validateCard } from '../card/validate-card.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import { requireAmount, requireKey } from '../ledger/ledger-request.ts';
import type { ChargeMessage } from '../soap/messages.ts';
import type { DurableLedger } from '../storage/durable-ledger.ts';

/** Entries in one answer of ListEntries. */
export const LIST_LIMIT_MAX = 100;

export interface PaymentDeskOptions {
  /** Every call carries it. */
  readonly clusterKey: string;
  /** How long every decided answer is held back, ms. */
  readonly delayMs: number;
}

/**
 * The operations of the service behind their wire format: checks everything that it is handed, trusting no
 * caller to have done so, and lets the ledger decide. Card numbers end here.
 */
export class PaymentDesk {
  private readonly keyDigest: Uint8Array;
  private readonly delayMs: number;
  private readonly ledger: DurableLedger;
  private readonly unixMs: () => number;

  constructor(options: PaymentDeskOptions, ledger: DurableLedger, unixMs: () => number) {
    this.keyDigest = digest(options.clusterKey);
    this.delayMs = options.delayMs;
    this.ledger = ledger;
    this.unixMs = unixMs;
  }

  /** Throws `InvalidArgument`, `InvalidCard` (nothing was recorded), and what `DurableLedger.submit` does. */
  async charge(message: ChargeMessage): Promise<LedgerEntry> {
    const { key, amountMinor, currency } = message;
    requireKey(key);
    requireAmount(amountMinor, currency);
    const { number, brand, lastFour } = validateCard(message.card, this.unixMs());
    const forced = forcedOutcome(number);
    return this.held(
      await this.ledger.submit({
        kind: 'charge',
        key,
        amountMinor,
        currency,
        card: { brand, lastFour },
        forced,
      }),
    );
  }

  async void(key: string): Promise<LedgerEntry> {
    requireKey(key);
    return this.held(await this.ledger.submit({ kind: 'void', key }));
  }

  /** `InvalidArgument` unless `after` ≥ 0 and `limit` is 1–`LIST_LIMIT_MAX`. */
  listEntries(after: number, limit: number): LedgerEntry[] {
    if (!Number.isSafeInteger(after) || after < 0) {
      throw new CodedError('InvalidArgument', 'The field after must be a whole number, 0 or more', {
        details: { field: 'after' },
      });
    }
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > LIST_LIMIT_MAX) {
      throw new CodedError('InvalidArgument', `The field limit must be 1–${LIST_LIMIT_MAX}`, {
        details: { field: 'limit', limit: LIST_LIMIT_MAX },
      });
    }
    return this.ledger.list(after, limit);
  }

  /**
   * Throws `Unauthenticated` unless the header `authorization` holds the shop's key. Every operation needs it:
   * a charge or a void by a stranger would decide a key that the shop is about to use.
   */
  authenticate(authorization: string | undefined): void {
    const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (key !== undefined && timingSafeEqual(digest(key), this.keyDigest)) return;
    throw new CodedError('Unauthenticated', "The header authorization does not hold the shop's key");
  }

  private async held(entry: LedgerEntry): Promise<LedgerEntry> {
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    return entry;
  }
}

/** Keys are compared by their hashes, so that neither length nor a common beginning shows in the time taken. */
function digest(key: string): Uint8Array {
  return createHash('sha256').update(key).digest();
}
