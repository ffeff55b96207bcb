/**
 * A replicated state machine over an ordered log, whoever orders it: exactly-once execution, reads,
 * snapshots, stores.
 */
export type { LogEvent, LogStatus, OrderedLog, Position, SnapshotSource } from './log/ordered-log.ts';
export { soloLog, type SoloLogOptions } from './log/solo/solo-log.ts';
export type {
  ColumnSchema,
  ColumnType,
  RowChange,
  RowOf,
  StoreQuery,
  TableSchema,
  Value,
} from './state/schema.ts';
export type { ApplyContext, StateMachine } from './state/state-machine.ts';
export type { MemoryIndex, ResidentTable, StateTables, StoredTable } from './state/state-tables.ts';
export { Tables } from './state/tables.ts';
export type { OpenStore, Store, StoreContext, StoreSnapshot, TableRows } from './store/store.ts';
export { memoryStore } from './store/memory/memory-store.ts';
export { sqliteStore, type SqliteStoreOptions } from './store/sqlite/sqlite-store.ts';
export type { SqliteMigration } from './store/sqlite/sqlite-migrations.ts';
export { KEY_AGE_MAX_MS, KEY_AHEAD_MAX_MS } from './once/remembered-answers.ts';
export { ENVELOPE_BYTES_MAX } from './command/command-envelope.ts';
export {
  confirmStorage,
  foundCluster,
  openIdentity,
  type OpenIdentityOptions,
} from './identity/open-identity.ts';
export type { FoundingRecord, ReplicaIdentity } from './identity/identity.ts';
export type { Answer, Consistency, ExecuteRequest, Replica, ReplicaStatus } from './runtime/replica.ts';
export { openReplica } from './runtime/open-replica.ts';
export {
  DEFAULT_LIMITS,
  type LogContext,
  type OpenLog,
  type ReplicaLimits,
  type ReplicaOptions,
} from './runtime/replica-options.ts';
