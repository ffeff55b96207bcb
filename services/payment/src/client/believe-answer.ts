import { isCurrency } from '@everopen/contract';
import { CodedError } from '@everopen/core';
import { NO_CURRENCY, type LedgerEntry } from '../ledger/ledger-entry.ts';
import { AMOUNT_MAX_MINOR } from '../ledger/ledger-request.ts';
import { readFault } from '../soap/fault.ts';
import { NAMESPACE, readAnswer, readEntries, type AnswerMessage } from '../soap/messages.ts';
import type { XmlElement } from '../xml/xml-element.ts';
import type { PaymentAnswer } from './payment-client.ts';

/*
 * The payment service is an outside party: an answer is believed only if it is complete, answers the question
 * that was asked, and could be true. Whatever is not believed is `PaymentUnavailable`: the outcome is unknown.
 */

const REFERENCE_FORM = /^[\w.:-]{1,64}$/;
const LAST_FOUR_FORM = /^\d{4}$/;
const BRANDS: readonly string[] = ['visa', 'mastercard', 'amex', 'discover', 'other'];
const MESSAGE_SHOWN_CHARS = 200;

/** Faults that say for certain that this request did nothing, and will never do anything. */
const BELIEVED_FAULTS: readonly string[] = ['InvalidArgument', 'InvalidCard', 'KeyReused', 'Unauthenticated'];

/** The answer to a Charge or Void of `asked.key`; for a Charge, an answer about another sum is not believed. */
export function believeAnswer(
  message: XmlElement,
  operation: 'Charge' | 'Void',
  asked: { readonly key: string; readonly amountMinor?: number; readonly currency?: string },
): PaymentAnswer {
  requireMessage(message, `${operation}Response`);
  const answer = believable(() => readAnswer(message));
  if (!isPossible(answer)) throw unbelievable('contradicts itself');
  if (answer.key !== asked.key) throw unbelievable('is about another key');
  const aboutSum = operation === 'Charge' && answer.outcome !== 'voided';
  if (aboutSum && (answer.amountMinor !== asked.amountMinor || answer.currency !== asked.currency)) {
    throw unbelievable('is about another amount');
  }
  const { outcome, reference, amountMinor, currency } = answer;
  return { outcome, reference, amountMinor, currency };
}

/** Entries that continue the ledger after `after`: at most `limit`, their numbers rising. */
export function believeEntries(message: XmlElement, after: number, limit: number): LedgerEntry[] {
  requireMessage(message, 'ListEntriesResponse');
  const entries = believable(() => readEntries(message));
  if (entries.length > limit) throw unbelievable('has more entries than were asked for');
  let last = after;
  for (const entry of entries) {
    if (entry.number <= last) throw unbelievable('has entries out of order');
    last = entry.number;
    const cardFits =
      entry.card === undefined
        ? entry.outcome === 'voided'
        : BRANDS.includes(entry.card.brand) && LAST_FOUR_FORM.test(entry.card.lastFour);
    if (!isPossible(entry) || !cardFits || entry.decidedAtUnixMs < 0) {
      throw unbelievable('has an entry that contradicts itself');
    }
  }
  return entries;
}

/** The error that a fault stands for. */
export function believeFault(message: XmlElement): CodedError {
  const fault = readFault(message);
  if (fault === undefined) return unbelievable('is neither an answer nor a known fault');
  const text = fault.message.slice(0, MESSAGE_SHOWN_CHARS);
  if (!BELIEVED_FAULTS.includes(fault.code)) {
    return new CodedError('PaymentUnavailable', `The payment service refused: ${text}`);
  }
  const field = fault.field?.slice(0, MESSAGE_SHOWN_CHARS);
  return new CodedError(fault.code, text, field === undefined ? {} : { details: { field } });
}

function isPossible({ outcome, reference, amountMinor, currency }: AnswerMessage): boolean {
  if (!REFERENCE_FORM.test(reference)) return false;
  switch (outcome) {
    case 'charged':
    case 'declined':
      return amountMinor >= 1 && amountMinor <= AMOUNT_MAX_MINOR && isCurrency(currency);
    case 'voided':
      return amountMinor === 0 && currency === NO_CURRENCY;
    default:
      return false;
  }
}

function requireMessage(message: XmlElement, name: string): void {
  if (message.name !== name || message.namespace !== NAMESPACE) throw unbelievable(`is no ${name}`);
}

function believable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unbelievable('is malformed', error);
  }
}

function unbelievable(problem: string, cause?: unknown): CodedError {
  return new CodedError('PaymentUnavailable', `The payment service's answer ${problem}`, { cause });
}
