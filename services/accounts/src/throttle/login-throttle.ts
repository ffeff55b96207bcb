import { CodedError } from '@everopen/core';

/**
 * Slows down the guessing of passwords, per server. It delays and never locks out: the wait is bounded, it
 * is told, and an owner at another address does not feel what a guesser does to the account.
 */
export interface LoginThrottle {
  /**
   * Counts an attempt as failed until it is known to be otherwise, so that attempts at the same time count
   * too. Throws `LoginThrottled` with `retryAfterMs` if it comes too soon.
   */
  begin(account: string, address: string, nowMs: number): LoginAttempt;
}

export interface LoginAttempt {
  /** The password was right: what this address did wrong with this account before is forgiven. */
  succeeded(): void;
  /** Nothing was learnt about the password (a database was away …): as if the attempt had not been. */
  withdraw(): void;
}

/** Typing mistakes of one account from one address that cost nothing. */
const FREE_FAILURES = 5;
const FIRST_WAIT_MS = 1_000;
const WAIT_MAX_MS = 60_000;
/** A pair that has been quiet for so long starts afresh. */
const FORGOTTEN_AFTER_MS = 15 * 60_000;
/** Failed attempts of one address with any accounts: a whole office behind one address gets by with these. */
const ADDRESS_BURST = 200;
const ADDRESS_PER_SECOND = 2;
/** Pairs, and addresses, that are remembered; the one touched longest ago is forgotten first. */
const REMEMBERED_MAX = 20_000;

interface Pair {
  failures: number;
  readonly notBeforeMs: number;
  readonly lastMs: number;
}
interface Bucket {
  /** Failures that are still allowed at once. */
  left: number;
  readonly atMs: number;
}

export function loginThrottle(): LoginThrottle {
  const pairs = new Map<string, Pair>();
  const buckets = new Map<string, Bucket>();
  return {
    begin: (account, clientAddress, nowMs) => {
      const address = networkOf(clientAddress);
      const name = `${address}\n${account}`;

      const bucket = refill(buckets.get(address), nowMs);
      if (bucket.left < 1) throw throttled(((1 - bucket.left) / ADDRESS_PER_SECOND) * 1_000);
      const before = pairs.get(name);
      const pair = before === undefined || nowMs - before.lastMs > FORGOTTEN_AFTER_MS ? undefined : before;
      if (pair !== undefined && nowMs < pair.notBeforeMs) throw throttled(pair.notBeforeMs - nowMs);

      const failures = (pair?.failures ?? 0) + 1;
      const counted = { failures, notBeforeMs: nowMs + waitAfter(failures), lastMs: nowMs };
      bucket.left--;
      remember(pairs, name, counted);
      remember(buckets, address, bucket);
      const giveBack = (): void => {
        const now = buckets.get(address);
        if (now !== undefined) now.left = Math.min(ADDRESS_BURST, now.left + 1);
      };
      return {
        succeeded: () => {
          pairs.delete(name);
          giveBack();
        },
        withdraw: () => {
          const now = pairs.get(name);
          if (pair === undefined || now === undefined) pairs.delete(name);
          else remember(pairs, name, { ...now, failures: now.failures - 1, notBeforeMs: pair.notBeforeMs });
          giveBack();
        },
      };
    },
  };
}

/** Doubles with each failure beyond the free ones. */
function waitAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES));
}

function refill(bucket: Bucket | undefined, nowMs: number): Bucket {
  if (bucket === undefined) return { left: ADDRESS_BURST, atMs: nowMs };
  const gained = ((nowMs - bucket.atMs) / 1_000) * ADDRESS_PER_SECOND;
  return { left: Math.min(ADDRESS_BURST, bucket.left + gained), atMs: nowMs };
}

function remember<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name);
  if (map.size >= REMEMBERED_MAX) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  map.set(name, value);
}

/** An IPv6 host can choose among 2^64 addresses: its /64 network is what counts. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::', 2);
  const groups = head.split(':').filter(Boolean);
  if (tail !== undefined) {
    const end = tail.split(':').filter(Boolean);
    while (groups.length + end.length < 8) groups.push('0');
    groups.push(...end);
  }
  return groups.slice(0, 4).join(':');
}

function throttled(retryAfterMs: number): CodedError {
  return new CodedError('LoginThrottled', 'Too many failed logins from this address; wait a moment', {
    details: { retryAfterMs: Math.ceil(retryAfterMs) },
  });
}
