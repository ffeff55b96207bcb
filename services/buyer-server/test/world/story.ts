import { isCodedError } from '@everopen/core';
import type { PurchaseView } from '../../src/purchase/purchase-flow.ts';
import type { ExpectedLine, Refusal } from '../../src/purchase/purchase-types.ts';
import { claim } from './invariants.ts';

/** One purchase as its buyer lived it. */
export interface Story {
  readonly key: string;
  readonly lines: readonly ExpectedLine[];
  /** The first "paid"; every later one has to be the same. */
  paid?: { readonly orderId: number; readonly totalMinor: number; readonly reference: string };
  /** The code of a refusal that says that nothing was or will be charged. */
  refused?: string;
  /** The first refusal that ended the key; every later one has to be the same (M17). */
  refusal?: Refusal;
}

export function isTold({ paid, refused }: Story): boolean {
  return paid !== undefined || refused !== undefined;
}

/** Refusals after which the same request comes to nothing, and the money is safe. */
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

/** Those of them that may leave the key unused, since no checkout came of it: a repeat begins anew. */
const KEY_UNUSED = new Set(['CartChanged', 'CartEmpty', 'QuotaExceeded']);

/** Those that are for some of the lines, and say for which. */
const OF_LINES = new Set(['OutOfStock', 'PriceChanged']);

export function toldOutcome(story: Story, outcome: PurchaseView): void {
  if (outcome.status === 'pending') return;
  if (outcome.status === 'refused') return toldRefusal(story, outcome.refusal);
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
  toldRefusal(story, error);
  return false;
}

function toldRefusal(story: Story, { code, message, details }: Refusal): void {
  story.refused ??= code;
  if (KEY_UNUSED.has(code)) return;
  const told = { code, message, details };
  const namesLines = !OF_LINES.has(code) || Array.isArray(details['lines']);
  claim(namesLines, `${story.key}: a refusal for the lines at fault does not name them`);
  const same = story.refusal === undefined || JSON.stringify(story.refusal) === JSON.stringify(told);
  claim(
    same,
    `${story.key}: refused as ${JSON.stringify(story.refusal)} first, then ${JSON.stringify(told)}`,
  );
  story.refused = code;
  story.refusal = told;
}
