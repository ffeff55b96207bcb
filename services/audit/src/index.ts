/** The shop's invariants over the logs, the stores and the payment ledger, for `everopen check` and tests. */
export type { Books, Invariant, ReplicaState, Violation } from './books.ts';
export { INVARIANTS } from './invariants/all.ts';
export { booksReader, type AuditTarget, type BooksReader } from './read-books.ts';
export { checkBooks, runAudit, type AuditOptions, type AuditReport } from './run-audit.ts';
