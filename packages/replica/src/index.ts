/**
 * A replicated state machine over an ordered log, whoever orders it: exactly-once execution, reads,
 * snapshots, stores.
 */
export type { LogEvent, LogStatus, OrderedLog, Position, SnapshotSource } from './log/ordered-log.ts';
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
export type { Store } from './store/store.ts';
export type { Answer, Consistency, ExecuteRequest, Replica, ReplicaStatus } from './runtime/replica.ts';
