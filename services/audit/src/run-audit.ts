import { systemClock, type Clock } from '@everopen/core';
import type { Books, Violation } from './books.ts';
import { INVARIANTS } from './invariants/all.ts';
import { unitsSold } from './invariants/stock.ts';

export interface AuditReport {
  readonly clean: boolean;
  readonly rounds: number;
  readonly durationMs: number;
  /** The books line: how much was looked at. */
  readonly counts: {
    readonly items: number;
    readonly orders: number;
    readonly purchases: number;
    readonly charges: number;
    readonly unitsSold: number;
  };
  readonly invariants: readonly {
    readonly name: string;
    readonly statement: string;
    readonly violations: readonly string[];
  }[];
}

export interface AuditOptions {
  /**
   * Purchases under way make the books differ for a moment, because they are read one after the other. A
   * violation counts if it is still there when this time is over.
   */
  readonly settleMs?: number;
  readonly pauseMs?: number;
  readonly clock?: Clock;
  /** Called after each round that was not clean. */
  readonly onRound?: (round: number, violations: readonly Violation[]) => void;
}

const DEFAULT_SETTLE_MS = 60_000;
const DEFAULT_PAUSE_MS = 1_000;

/** Every violation in these books, as they are. */
export function checkBooks(books: Books): Violation[] {
  return INVARIANTS.flatMap((invariant) => invariant.check(books));
}

/**
 * Reads the books and checks the invariants; while something is wrong, does so again until it is settled or
 * time is over. Only what was wrong in *every* round is reported: a purchase under way looks wrong once, a
 * lost or doubled order looks wrong for ever.
 */
export async function runAudit(read: () => Promise<Books>, options: AuditOptions = {}): Promise<AuditReport> {
  const clock = options.clock ?? systemClock;
  const startedMs = clock.monotonicMs();
  const endsMs = startedMs + (options.settleMs ?? DEFAULT_SETTLE_MS);
  let lasting: Violation[] | undefined;
  for (let rounds = 1; ; rounds++) {
    const books = await read();
    const found = checkBooks(books);
    lasting = lasting === undefined ? found : stillThere(found, lasting);
    const nowMs = clock.monotonicMs();
    if (lasting.length === 0 || nowMs >= endsMs) {
      return report(books, lasting, rounds, nowMs - startedMs);
    }
    options.onRound?.(rounds, lasting);
    await new Promise<void>((resume) => void clock.setTimer(options.pauseMs ?? DEFAULT_PAUSE_MS, resume));
  }
}

function stillThere(found: readonly Violation[], before: readonly Violation[]): Violation[] {
  const name = ({ invariant, subject }: Violation): string => `${invariant} ${subject}`;
  const known = new Set(before.map(name));
  return found.filter((violation) => known.has(name(violation)));
}

function report(
  books: Books,
  violations: readonly Violation[],
  rounds: number,
  durationMs: number,
): AuditReport {
  return {
    clean: violations.length === 0,
    rounds,
    durationMs: Math.round(durationMs),
    counts: {
      items: books.items.length,
      orders: books.orders.length,
      purchases: books.purchases.length,
      charges: books.ledger.filter(({ outcome }) => outcome === 'charged').length,
      unitsSold: unitsSold(books),
    },
    invariants: INVARIANTS.map(({ name, statement }) => ({
      name,
      statement,
      violations: violations.filter(({ invariant }) => invariant === name).map(({ message }) => message),
    })),
  };
}
