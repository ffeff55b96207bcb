import { advanceCommit } from './commitment.ts';
import { acknowledge } from './following.ts';
import { leaveIfRemoved } from './membership.ts';
import type { Message } from './messages.ts';
import { takeBatch, type PersistBatch } from './persistence.ts';
import { emptyOutbox, type LeaderRole, type RaftState, type ReadId } from './raft-state.ts';
import { admitEarlyReads, releaseReads, startRound } from './read-index.ts';
import { sendAppends, sendHeartbeats } from './replication.ts';
import { proceedWithTransfer } from './transfer.ts';
import type { Index, MemberId } from './types.ts';

/** What the host has to do after a turn. Each value is handed out once. */
export interface Ready {
  /** To be written, in the order of `seq`; call `persisted(seq)` once it is on stable storage, never before. */
  readonly persist: PersistBatch | undefined;
  /** To be sent at once, in this order. Any of them may be lost. */
  readonly messages: readonly Message[];
  /** Reads that are linearizable as soon as everything up to `index` is applied. */
  readonly reads: readonly { readonly id: ReadId; readonly index: Index }[];
  /** Reads that this member cannot answer any more: it no longer leads. */
  readonly failedReads: readonly ReadId[];
  /** Followers that need a snapshot at or after an index; say `snapshotInstalled` or `snapshotFailed` afterwards. */
  readonly snapshotRequests: readonly { readonly to: MemberId; readonly atLeast: Index }[];
}

/** Ends a turn: everything that its inputs caused, gathered. */
export function takeReady(state: RaftState): Ready {
  if (state.role.name === 'leader') lead(state, state.role);
  else acknowledge(state);
  const persist = takeBatch(state);
  const outbox = state.outbox;
  state.outbox = emptyOutbox();
  return { persist, ...outbox };
}

/** A leader's turn. The order matters: what is committed now is told with this turn's appends. */
function lead(state: RaftState, role: LeaderRole): void {
  advanceCommit(state, role);
  admitEarlyReads(state, role);
  proceedWithTransfer(state, role);
  sendAppends(state, role);
  startRound(role);
  if (role.heartbeatDue) sendHeartbeats(state, role);
  releaseReads(state, role);
  leaveIfRemoved(state, role);
}
