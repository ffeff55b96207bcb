import { createHash } from 'node:crypto';
import type { SellerClient } from '@everopen/client';
import type { ListItemRequest } from '@everopen/contract/rest';
import { formatUuid, isCodedError, seededRandom, uuidV7 } from '@everopen/core';
import { demoCatalogue, type SellersStock } from './catalogue.ts';
import { DEMO_PASSWORD } from './sellers.ts';

/** Sellers at work at once: quick, and still polite to those who shop meanwhile. */
const SELLERS_AT_ONCE = 4;
const HOUR_MS = 3_600_000;

export interface DemoProgress {
  readonly listed: number;
  /** Were there already. */
  readonly kept: number;
  readonly total: number;
}

export interface DemoOptions {
  readonly currency: string;
  readonly createClient: () => SellerClient;
  readonly nowUnixMs: () => number;
  readonly onProgress: (progress: DemoProgress) => void;
}

/**
 * Lists what is missing of the demonstration catalogue, through the same interface as any seller. What a
 * demonstration seller has listed under that name is left alone, whatever became of its price and quantity,
 * so a second run changes nothing. Two runs at once use the same keys (within an hour), so they do not double
 * anything either.
 */
export async function loadDemo(options: DemoOptions): Promise<DemoProgress> {
  const catalogue = demoCatalogue(options.currency);
  const total = catalogue.reduce((sum, { items }) => sum + items.length, 0);
  let progress: DemoProgress = { listed: 0, kept: 0, total };
  const count = (what: 'listed' | 'kept'): void => {
    progress = { ...progress, [what]: progress[what] + 1 };
    options.onProgress(progress);
  };
  const waiting = catalogue.values();
  const worker = async (): Promise<void> => {
    for (const stock of waiting) await loadSeller(stock, options, count);
  };
  await Promise.all(Array.from({ length: SELLERS_AT_ONCE }, worker));
  return progress;
}

async function loadSeller(
  { seller, items }: SellersStock,
  { createClient, nowUnixMs }: DemoOptions,
  count: (what: 'listed' | 'kept') => void,
): Promise<void> {
  const { username, displayName } = seller;
  const client = createClient();
  const key = (what: string): string => keyOf(nowUnixMs(), `${username}\0${what}`);
  try {
    await client
      .register({ username, displayName, password: DEMO_PASSWORD }, { key: key('account') })
      .catch((error: unknown) => {
        // An earlier run made it. If it is somebody else's, logging in will say so.
        if (!isCodedError(error, 'UsernameTaken')) throw error;
      });
    await client.logIn({ username, password: DEMO_PASSWORD, label: 'everopen demo' });
    const there = await ownItems(client);
    for (const item of items) {
      if (there.has(identityOf(item))) count('kept');
      else {
        await client.listItem(item, { key: key(identityOf(item)) });
        count('listed');
      }
    }
    await client.logOut();
  } finally {
    await client.close();
  }
}

async function ownItems(client: SellerClient): Promise<Set<string>> {
  const there = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await client.items({ limit: 100, ...(cursor !== undefined && { cursor }) });
    for (const item of page.items) there.add(identityOf(item));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return there;
}

function identityOf({ name, category }: Pick<ListItemRequest, 'name' | 'category'>): string {
  return `${category}\0${name}`;
}

/** The same key for the same thing within an hour: keys carry their time, and are refused when they are old. */
function keyOf(nowUnixMs: number, what: string): string {
  const seed = createHash('sha256').update(what).digest().readUIntBE(0, 6);
  return formatUuid(uuidV7(nowUnixMs - (nowUnixMs % HOUR_MS), seededRandom(seed)));
}
