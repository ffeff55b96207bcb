import { isCodedError } from '@everopen/core';
import type { PurchaseOutcome } from '../../src/purchase/purchase-flow.ts';
import type { ExpectedLine } from '../../src/purchase/purchase-types.ts';
import { claim } from './invariants.ts';

/** One purchase as its buyer lived it. */
export interface Story {
  readonly key: string;
  readonly lines: readonly ExpectedLine[];
  /** The first "paid"; every later one has to be the same. */
  paid?: { readonly orderId: number; readonly totalMinor: number; readonly reference: string };
  /** The code of a refusal that says that nothing was or will be charged. */
  refused?: string;
}

/** Refusals for ever: the key is used up, and the money is safe. */
const FOR_EVER = new Set([
  'OutOfStock',
  'PriceChanged',
  'QuotaExceeded',
  'NotFound',
  'InvalidCard',
  'PaymentDeclined',
  'PaymentVoided',
  'OrderAborted',
  'CartChanged',
  'CartEmpty',
]);

export function toldOutcome(story: Story, outcome: PurchaseOutcome): void {
  if (outcome.status === 'pending') return;
  const { orderId, totalMinor, paymentReference: reference, state } = outcome.order;
  claim(state === 'paid' || state === 'recorded', `${story.key}: "paid" for an order that is ${state}`);
  const told = { orderId, totalMinor, reference };
  const same = story.paid === undefined || JSON.stringify(story.paid) === JSON.stringify(told);
  claim(same, `${story.key}: told ${JSON.stringify(story.paid)} first, then ${JSON.stringify(told)}`);
  story.paid = told;
}

/** Notes a refusal; true if the same request can succeed later. */
export function toldError(story: Story, error: unknown): boolean {
  if (!isCodedError(error)) throw error;
  claim(error.code !== 'Internal', `${story.key}: ${error.message}`);
  if (!FOR_EVER.has(error.code)) return true;
  story.refused = error.code;
  return false;
}
