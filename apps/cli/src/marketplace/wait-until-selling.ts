import { type Clock, CodedError } from '@everopen/core';

const PAUSE_MS = 50;
const ATTEMPT_TIMEOUT_MS = 2_000;

/**
 * Searches through one buyer server until it answers: the way through server and database is open then.
 * `DeadlineExceeded` with the last reason if it does not in time.
 */
export async function waitUntilSelling(buyerUrl: string, timeoutMs: number, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const problem = await search(buyerUrl);
    if (problem === undefined) return;
    if (clock.monotonicMs() > deadlineMs) {
      throw new CodedError('DeadlineExceeded', `A search through ${buyerUrl} is not answered: ${problem}`);
    }
    await new Promise<void>((resolve) => clock.setTimer(PAUSE_MS, resolve));
  }
}

async function search(buyerUrl: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${buyerUrl}/v1/items?limit=1`, {
      signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
    });
    const body = (await answer.json()) as { items?: unknown; detail?: string };
    return answer.ok && Array.isArray(body.items) ? undefined : `${answer.status} ${body.detail ?? ''}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
}
