import { isApplyingSlowly, learnCommit } from './commitment.ts';
import type { MessageOf } from './messages.ts';
import { send, truncateLog } from './persistence.ts';
import { leaderOf, type RaftState } from './raft-state.ts';
import { heardFromLeader } from './roles.ts';
import type { Entry, Index } from './types.ts';

/** AppendEntries, receiver (paper, figure 2 and §5.3). */
export function onAppend(state: RaftState, message: MessageOf<'append'>): void {
  heardFromLeader(state, message.from);
  const { prevIndex, prevTerm, entries } = withoutCommitted(state, message);
  if (state.log.termAt(prevIndex) !== prevTerm) return refuse(state, message);
  appendMissing(state, prevIndex, entries);
  const last = prevIndex + entries.length;
  state.matched = Math.max(state.matched, last);
  const commit = state.mutations.commitsUnmatched === true ? state.log.lastIndex : last;
  learnCommit(state, Math.min(message.commit, commit));
  state.acknowledgementDue ||= message.entries.length > 0;
}

/** Answers without the disk: that I am here, which round of reads this was, and again what I hold. */
export function onHeartbeat(state: RaftState, message: MessageOf<'heartbeat'>): void {
  heardFromLeader(state, message.from);
  learnCommit(state, message.commit);
  const { id, term, matched } = state;
  const { from: to, round, sentTo } = message;
  const durable = acknowledgeable(state);
  send(state, { type: 'heartbeatAnswer', from: id, to, term, round, sentTo, matched, durable });
}

/**
 * One cumulative acknowledgement a turn, for all that became durable in it; also for what I had already, as an earlier
 * acknowledgement may be lost.
 */
export function acknowledge(state: RaftState): void {
  const to = leaderOf(state);
  if (state.role.name !== 'follower' || to === 0) return;
  const durable = acknowledgeable(state);
  const isNews = durable > state.acknowledged;
  const isRepeated = state.acknowledgementDue && durable >= state.matched;
  if (!isNews && !isRepeated) return;
  state.acknowledgementDue = false;
  state.acknowledged = durable;
  send(state, {
    type: 'appendAccepted',
    from: state.id,
    to,
    term: state.term,
    matched: state.matched,
    durable,
  });
}

/**
 * What may be acknowledged: equal to the leader's log, and on this disk. While too much waits to be applied nothing
 * new is, so that the leader's window closes.
 */
function acknowledgeable(state: RaftState): Index {
  const { matched, disk, commit, mutations } = state;
  const proven = mutations.acknowledgesBeforeDurable === true ? matched : Math.min(matched, disk.durable);
  return isApplyingSlowly(state) ? Math.min(proven, commit) : proven;
}

/** What is committed is known to be equal: the front of an append that overlaps it needs no comparison. */
function withoutCommitted(
  { log, commit }: RaftState,
  { prevIndex, prevTerm, entries }: MessageOf<'append'>,
): { prevIndex: Index; prevTerm: number; entries: readonly Entry[] } {
  if (prevIndex >= commit) return { prevIndex, prevTerm, entries };
  return {
    prevIndex: commit,
    prevTerm: log.termAt(commit) ?? 0,
    entries: entries.slice(commit - prevIndex),
  };
}

/**
 * "If an existing entry conflicts with a new one, delete the existing entry and all that follow it." Only then: a
 * delayed append must not cut off what was acknowledged since.
 */
function appendMissing(state: RaftState, prevIndex: Index, entries: readonly Entry[]): void {
  const { log, mutations } = state;
  const firstMissing =
    mutations.alwaysTruncates === true && entries.length > 0
      ? 0
      : entries.findIndex(({ index, term }) => log.termAt(index) !== term);
  if (firstMissing === -1) return;
  const from = prevIndex + 1 + firstMissing;
  if (from <= log.lastIndex) truncateLog(state, from);
  log.append(entries.slice(firstMissing));
}

/** The hint: the last place where our logs may still agree. */
function refuse(state: RaftState, { from, prevIndex, prevTerm }: MessageOf<'append'>): void {
  const { log, id, term, commit } = state;
  let hintIndex = Math.min(prevIndex, log.lastIndex);
  while (hintIndex > commit && (log.termAt(hintIndex) ?? 0) > prevTerm) hintIndex--;
  const hintTerm = log.termAt(hintIndex) ?? 0;
  send(state, { type: 'appendRefused', from: id, to: from, term, prevIndex, hintIndex, hintTerm });
}
