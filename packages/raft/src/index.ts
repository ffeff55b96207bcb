/**
 * Raft (Ongaro and Ousterhout, 2014). `raftLog` is an ordered log over TCP and a disk; `RaftCore` is the algorithm, which
 * does no input or output, for other hosts.
 */
export { raftLog, type RaftLogEngine } from './engine/raft-log.ts';
export type { RaftLogOptions, RaftMemberAddress } from './engine/raft-log-options.ts';
export type { LogEvent, LogStatus, Position, SnapshotSource } from './engine/ordered-log.ts';
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
