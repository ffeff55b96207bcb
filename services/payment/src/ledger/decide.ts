import { CodedError } from '@everopen/core';
import type { Draw } from './draw.ts';
import { NO_CURRENCY, type LedgerEntry } from './ledger-entry.ts';
import type { ChargeRequest, LedgerRequest } from './ledger-request.ts';

/** What the ledger decides with besides the request: all of it is handed in. */
export interface DecisionContext {
  readonly draw: Draw;
  /** The share of charges to decline, 0–1. */
  readonly declineShare: number;
  /** The number that a new entry gets. */
  readonly nextNumber: number;
  readonly nowUnixMs: number;
}

/**
 * The whole law of the ledger. A key without an entry gets one; a key with an entry keeps it for ever, so
 * the first of charge and void wins and every repetition has the same answer, declines too. Returns
 * `existing` itself if nothing is to be written.
 *
 * Throws `KeyReused` if the key was charged (or declined) with another amount or currency. The card is not
 * compared: nothing that is kept could identify it.
 */
export function decide(
  existing: LedgerEntry | undefined,
  request: LedgerRequest,
  context: DecisionContext,
): LedgerEntry {
  if (existing !== undefined) {
    if (request.kind === 'charge' && existing.outcome !== 'voided') requireSameSum(existing, request);
    return existing;
  }
  const common = {
    number: context.nextNumber,
    key: request.key,
    reference: context.draw.reference,
    decidedAtUnixMs: context.nowUnixMs,
  };
  if (request.kind === 'void') {
    return { ...common, outcome: 'voided', amountMinor: 0, currency: NO_CURRENCY, card: undefined };
  }
  const drawn = context.draw.chance < context.declineShare ? 'declined' : 'charged';
  return {
    ...common,
    outcome: request.forced ?? drawn,
    amountMinor: request.amountMinor,
    currency: request.currency,
    card: { brand: request.card.brand, lastFour: request.card.lastFour },
  };
}

function requireSameSum(existing: LedgerEntry, request: ChargeRequest): void {
  const field = existing.currency === request.currency ? 'amountMinor' : 'currency';
  if (existing.amountMinor === request.amountMinor && field === 'amountMinor') return;
  throw new CodedError('KeyReused', `The key was used with another ${field}`, { details: { field } });
}
