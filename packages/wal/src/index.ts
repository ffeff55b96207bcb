/**
 * A write-ahead log: records in order, group commit, crash recovery that tells a write cut short from
 * damage, truncation at both ends.
 */
export { openWriteAheadLog } from './log/open-write-ahead-log.ts';
export type { LockOwner, Sequence, WalOptions, WalRecord, WriteAheadLog } from './log/write-ahead-log.ts';
export type { WalMutations } from './mutations.ts';
