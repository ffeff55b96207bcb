/** Raft (Ongaro and Ousterhout, 2014): a pure core that does no input or output. */
export { RaftCore, type RaftCoreOptions, type RaftCoreStatus } from './core/raft-core.ts';
export type { Ready } from './core/ready.ts';
export type { PersistBatch } from './core/persistence.ts';
export type { ReadId } from './core/raft-state.ts';
export type { RaftLogView } from './core/raft-log.ts';
export type { Message, MessageOf } from './core/messages.ts';
export { DEFAULT_RAFT_LIMITS, type RaftLimits } from './core/limits.ts';
export type { RaftMutations } from './core/mutations.ts';
export {
  foundingState,
  type Configuration,
  type Entry,
  type EntryPlace,
  type HardState,
  type Index,
  type MemberId,
  type RestoredState,
  type SnapshotMeta,
  type Term,
} from './core/types.ts';
