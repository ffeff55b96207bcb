import type { Databases } from '@everopen/accounts';
import { LIMITS } from '@everopen/contract';
import type { Item } from '@everopen/contract/products';
import { BoundedQueue, CodedError } from '@everopen/core';
import type { Positioned } from '@everopen/rest';

export interface ItemReader {
  /** `NotFound` for an unknown id; `Overloaded` when too many wait. */
  read(itemId: number, options: ReadOptions): Promise<Positioned<Item>>;
}

interface ReadOptions {
  /** A position that the answer must have reached; undefined asks for a linearizable read. */
  readonly readAt: string | undefined;
  readonly deadlineMs: number;
}

interface Waiting extends ReadOptions {
  readonly itemId: number;
  readonly resolve: (answer: Positioned<Item>) => void;
  readonly reject: (error: unknown) => void;
}

/** A slow replica holds up so many batches, and what waits behind them; the others go on at the next one. */
const BATCHES_MAX = 8;
const WAITING_MAX = 5_000;

/**
 * Reads of single items, put together: what comes in one turn of the event loop goes to the database in one
 * call, which costs many times what finding an item does. Nobody waits for a batch to fill.
 *
 * `newest`: the newest position that this server has seen. Every `readAt` that is believed lies at or before
 * it, so it serves all of a batch.
 */
export function itemReader(
  products: Pick<Databases['products'], 'getItems'>,
  newest: () => string | undefined,
): ItemReader {
  const waiting = new BoundedQueue<Waiting>('queue of item reads', WAITING_MAX);
  let batches = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.size === 0 || batches >= BATCHES_MAX) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      void send(take());
      schedule();
    });
  }

  function take(): Waiting[] {
    const batch: Waiting[] = [];
    while (batch.length < LIMITS.pageMax) {
      const next = waiting.shift();
      if (next === undefined) break;
      batch.push(next);
    }
    return batch;
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    batches++;
    try {
      const itemIds = [...new Set(batch.map(({ itemId }) => itemId))];
      const readAt = batch.every((one) => one.readAt !== undefined) ? newest() : undefined;
      const deadlineMs = Math.max(...batch.map((one) => one.deadlineMs));
      const { response, position } = await products.getItems({ itemIds }, { readAt, deadlineMs });
      const items = new Map(response.items.map((item) => [item.itemId, item]));
      for (const { itemId, resolve, reject } of batch) {
        const item = items.get(itemId);
        if (item !== undefined) resolve({ response: item, position });
        else reject(new CodedError('NotFound', 'There is no such item', { details: { field: 'itemId' } }));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      batches--;
      schedule();
    }
  }

  return {
    read: (itemId, options) =>
      new Promise((resolve, reject) => {
        waiting.push({ itemId, ...options, resolve, reject });
        schedule();
      }),
  };
}
