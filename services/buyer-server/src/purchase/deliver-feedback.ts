import type { PurchasePorts } from './ports.ts';
import type { PurchaseSettings } from './purchase-settings.ts';

/**
 * Carries feedback on items from the customers database's outbox to the products database, in order. Each
 * number counts there once, so several servers may do this at once, and a crash only repeats it. Resolves
 * with how many were carried; rejects at the first call that fails, after acknowledging what arrived.
 */
export async function deliverFeedback(
  { customers, products }: PurchasePorts,
  settings: Pick<PurchaseSettings, 'sweepLimit' | 'databaseTimeoutMs'>,
): Promise<number> {
  const limit = { timeoutMs: settings.databaseTimeoutMs };
  const outbox = await customers.listUndeliveredFeedback(settings.sweepLimit, limit);
  let delivered = 0;
  let upTo = 0;
  try {
    for (const feedback of outbox) {
      await products.countFeedback(feedback, limit);
      upTo = feedback.feedbackNumber;
      delivered++;
    }
  } finally {
    if (delivered > 0) await customers.acknowledgeFeedback(upTo, limit);
  }
  return delivered;
}
