import { assert } from './assert.ts';
import type { Message } from './messages.ts';
import type { RaftState } from './raft-state.ts';
import type { Entry, HardState, Index, SnapshotMeta } from './types.ts';

/**
 * What the host writes, in this order: hard state, snapshot record, entries. An entry replaces what stood at its
 * index and everything after it; a snapshot replaces the whole log.
 */
export interface PersistBatch {
  readonly seq: number;
  readonly hardState: HardState | undefined;
  readonly snapshot: SnapshotMeta | undefined;
  readonly entries: readonly Entry[];
}

/** Everything that changed since the last batch. */
export function takeBatch(state: RaftState): PersistBatch | undefined {
  if (!hasUnwritten(state)) return undefined;
  const { disk, log } = state;
  const seq = disk.nextSeq++;
  const batch: PersistBatch = {
    seq,
    hardState: disk.hardStateDirty ? hardStateToWrite(state) : undefined,
    snapshot: disk.snapshotToPersist,
    entries: log.slice(disk.unstableFrom, { last: log.lastIndex, maxEntries: Infinity, maxBytes: Infinity }),
  };
  if (disk.hardStateDirty) disk.hardStateSeq = seq;
  disk.hardStateDirty = false;
  disk.snapshotToPersist = undefined;
  disk.unstableFrom = log.lastIndex + 1;
  // Batches become durable in order: when this one is, all of the log as it is now is.
  disk.inFlight.push({ seq, last: log.lastIndex, ticks: 0 });
  return batch;
}

/** The host has everything up to this batch on stable storage. */
export function batchPersisted(state: RaftState, seq: number): void {
  const { disk } = state;
  assert(seq < disk.nextSeq && seq > disk.persistedSeq, 'batches become durable once, in order');
  disk.persistedSeq = seq;
  while (disk.inFlight[0] !== undefined && disk.inFlight[0].seq <= seq) {
    disk.durable = Math.max(disk.durable, disk.inFlight[0].last);
    disk.inFlight.shift();
  }
  const due = disk.held.filter(({ afterSeq }) => afterSeq <= seq);
  disk.held = disk.held.filter(({ afterSeq }) => afterSeq > seq);
  state.outbox.messages.push(...due.map(({ message }) => message));
}

/**
 * Removes entries from the log, and from what counts as durable. Batches that are still being written must not
 * count for them either: without that line an entry that later takes the same index would be acknowledged when
 * the write of the old one finishes.
 */
export function truncateLog(state: RaftState, from: Index): void {
  assert(from > state.commit, 'a committed entry is never removed');
  state.log.truncate(from);
  state.disk.unstableFrom = Math.min(state.disk.unstableFrom, from);
  limitDurable(state, from - 1);
}

/** Replaces the log by a snapshot, which is not on disk yet; only what was committed before stays promised. */
export function resetLog(state: RaftState, snapshot: SnapshotMeta): void {
  assert(snapshot.index > state.commit, 'a snapshot never takes a member back');
  limitDurable(state, state.commit);
  state.log.reset(snapshot);
  state.disk.unstableFrom = snapshot.index + 1;
  state.disk.snapshotToPersist = snapshot;
}

/** Whether term and vote are on disk. */
export function isHardStateDurable({ disk }: RaftState): boolean {
  return !disk.hardStateDirty && disk.persistedSeq >= disk.hardStateSeq;
}

/** Sends as soon as the term that the message speaks for is on disk; usually at once. */
export function send(state: RaftState, message: Message): void {
  const { disk } = state;
  sendAfter(state, disk.hardStateDirty ? disk.nextSeq : disk.hardStateSeq, message);
}

/** Sends once everything that is in memory now is on disk: votes, and requests for votes. */
export function sendAfterPersist(state: RaftState, message: Message): void {
  const { disk } = state;
  sendAfter(state, hasUnwritten(state) ? disk.nextSeq : disk.nextSeq - 1, message);
}

/** What waits is bounded: a newer message of a type replaces the older one for the same peer. */
function sendAfter({ disk, outbox }: RaftState, afterSeq: number, message: Message): void {
  if (afterSeq <= disk.persistedSeq) {
    outbox.messages.push(message);
    return;
  }
  disk.held = disk.held.filter(
    ({ message: older }) => older.type !== message.type || older.to !== message.to,
  );
  disk.held.push({ afterSeq, message });
}

function hasUnwritten({ disk, log }: RaftState): boolean {
  return disk.hardStateDirty || disk.snapshotToPersist !== undefined || disk.unstableFrom <= log.lastIndex;
}

function limitDurable({ disk, mutations }: RaftState, last: Index): void {
  disk.durable = Math.min(disk.durable, last);
  if (mutations.persistCountsAfterTruncation === true) return;
  for (const batch of disk.inFlight) batch.last = Math.min(batch.last, last);
}

function hardStateToWrite({ term, votedFor, mutations }: RaftState): HardState {
  if (mutations.forgetsTerm === true) return { term: 0, votedFor: 0 };
  return { term, votedFor: mutations.forgetsVote === true ? 0 : votedFor };
}
