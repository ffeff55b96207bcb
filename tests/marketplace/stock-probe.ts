import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Condition, ProductsService, type ProductsServer } from '@everopen/contract/products';
import { cryptoRandom, formatUuid, uuidV7 } from '@everopen/core';
import { connectGrpc } from '@everopen/rpc';

/** No seller of the marketplace has this number. */
const SELLER_ID = 4_000_000_000;
const CALL_MS_MAX = 60_000;
const PAUSE_MS = 2;

/**
 * Adds one unit to one item again and again, through the gRPC interface of the products database, and knows how many
 * were acknowledged and when.
 */
export interface StockProbe {
  /**
   * Waits until a write that began from now on is acknowledged; then gives the longest time between two acknowledged
   * writes since this was last asked.
   */
  longestGapMs(): Promise<number>;
  /** Ends the writing. The item must hold exactly what was acknowledged. */
  stop(): Promise<{ acknowledged: number; added: number }>;
}

export async function startStockProbe(data: string, replicas: readonly string[]): Promise<StockProbe> {
  const { clusterKey } = JSON.parse(readFileSync(join(data, 'cluster.json'), 'utf8')) as {
    clusterKey: string;
  };
  const products = connectGrpc<ProductsServer>({
    addresses: replicas,
    service: ProductsService,
    clusterKey,
    deadlineMs: CALL_MS_MAX,
  });
  const newKey = (): string => formatUuid(uuidV7(Date.now(), cryptoRandom));
  const listing = {
    sellerId: SELLER_ID,
    name: 'Probe',
    category: 0,
    keywords: [],
    condition: Condition.NEW,
    priceMinor: 1,
    currency: 'EUR',
    quantity: 1,
  };
  const itemId = (await products.listItem(listing, { key: newKey() })).response.item?.itemId ?? 0;
  let acknowledged = 0;
  let begun = 0;
  let stopping = false;
  let failed = false;
  let lastMs = performance.now();
  let gapMs = 0;
  const writing = (async () => {
    while (!stopping) {
      begun++;
      await products.addUnits({ sellerId: SELLER_ID, itemId, quantity: 1 }, { key: newKey() });
      acknowledged++;
      const nowMs = performance.now();
      gapMs = Math.max(gapMs, nowMs - lastMs);
      lastMs = nowMs;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  // Looked at when the probe is stopped; until then it is not unhandled.
  writing.catch(() => (failed = true));
  return {
    longestGapMs: async () => {
      const next = begun + 1;
      while (acknowledged < next && !failed) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const longest = Math.round(gapMs);
      gapMs = 0;
      return longest;
    },
    stop: async () => {
      stopping = true;
      try {
        await writing;
        return { acknowledged, added: (await products.getItem({ itemId })).response.added };
      } finally {
        products.close();
      }
    },
  };
}
