import type { Purchase } from '@everopen/contract/customers';
import type { Item, Order } from '@everopen/contract/products';
import type { LedgerEntry } from '@everopen/payment';

/** What one replica says of itself. */
export interface ReplicaState {
  readonly database: 'customers' | 'products';
  readonly address: string;
  readonly applied: number;
  readonly digest: string;
}

/**
 * Everything that the invariants look at, read in this order: history, orders, items, ledger. So whatever
 * is read later may know more: a purchase seen has its order, a paid order seen has its charge.
 */
export interface Books {
  readonly purchases: readonly Purchase[];
  readonly orders: readonly Order[];
  readonly items: readonly Item[];
  readonly ledger: readonly LedgerEntry[];
  readonly replicas: readonly ReplicaState[];
}

/** A broken invariant, in one sentence about one thing. */
export interface Violation {
  readonly invariant: string;
  /** What it is about: the same text for the same fault, so that rounds can be compared. */
  readonly subject: string;
  readonly message: string;
}

/** A statement that holds for the shop at any time (or within seconds, while purchases are under way). */
export interface Invariant {
  readonly name: string;
  /** The statement in plain words. */
  readonly statement: string;
  check(books: Books): Violation[];
}
