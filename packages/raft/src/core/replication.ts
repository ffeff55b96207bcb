import { assert } from './assert.ts';
import type { MessageOf } from './messages.ts';
import { send } from './persistence.ts';
import type { Progress } from './progress.ts';
import type { LeaderRole, RaftState } from './raft-state.ts';
import type { Index, MemberId } from './types.ts';

/** To each follower what it lacks, as far as its progress allows: one append per follower carries a whole turn. */
export function sendAppends(state: RaftState, role: LeaderRole): void {
  for (const [to, progress] of role.progress) {
    while (progress.canSend(state.limits) && hasNews(state, progress)) sendAppend(state, to, progress);
  }
}

/**
 * Heartbeats carry no entries and wait for no disk. A follower is told at most what it is known to hold: its log may
 * go on differently behind that.
 */
export function sendHeartbeats(state: RaftState, role: LeaderRole): void {
  const { id, term, commit, mutations } = state;
  for (const [to, { match, next, mode }] of role.progress) {
    send(state, {
      type: 'heartbeat',
      from: id,
      to,
      term,
      commit: mutations.heartbeatCommitsUnmatched === true ? commit : Math.min(match, commit),
      round: role.round,
      sentTo: mode === 'replicate' ? next - 1 : 0,
    });
  }
  role.heartbeatDue = false;
}

export function onAppendAccepted(state: RaftState, message: MessageOf<'appendAccepted'>): void {
  const progress = progressOf(state, message.from);
  if (progress !== undefined) acknowledged(state, progress, message.matched, message.durable);
}

/**
 * The follower's log differs at `prevIndex`. Its hint spares us from going back one by one: entries of ours with a
 * later term than its last possible match cannot be in its log (paper, end of §5.3).
 */
export function onAppendRefused(state: RaftState, message: MessageOf<'appendRefused'>): void {
  const progress = progressOf(state, message.from);
  if (progress === undefined || isStaleRefusal(progress, message.prevIndex)) return;
  const { log } = state;
  let agreed = Math.min(message.hintIndex, log.lastIndex);
  while ((log.termAt(agreed) ?? 0) > message.hintTerm) agreed--;
  progress.toProbe(agreed + 1);
}

export function onHeartbeatAnswer(state: RaftState, message: MessageOf<'heartbeatAnswer'>): void {
  const progress = progressOf(state, message.from);
  if (progress === undefined) return;
  const { round, matched, durable, sentTo } = message;
  progress.round = Math.max(progress.round, round);
  progress.probing = false;
  const lost = progress.mode === 'replicate' && matched < sentTo;
  if (lost && state.mutations.ignoresLostAppends !== true) progress.toProbe(matched + 1);
  // Repeats the last acknowledgement: if that one was lost, nothing else would ever open the window again.
  if (matched > 0 && state.mutations.neverRepeatsAcknowledgement !== true) {
    acknowledged(state, progress, matched, durable);
  }
}

/** The host has lost its connection to a peer, and with it perhaps what was under way. */
export function unreachable(state: RaftState, peer: MemberId): void {
  if (state.role.name !== 'leader') return;
  const progress = state.role.progress.get(peer);
  if (progress?.mode === 'replicate') progress.toProbe();
}

function hasNews({ log, commit }: RaftState, progress: Progress): boolean {
  return progress.next <= log.lastIndex || progress.sentCommit < commit || progress.mode === 'probe';
}

function sendAppend(state: RaftState, to: MemberId, progress: Progress): void {
  const { id, term, log, limits, commit, outbox } = state;
  const prevIndex = progress.next - 1;
  assert(prevIndex <= log.lastIndex, 'a leader sends only what it has');
  const prevTerm = log.termAt(prevIndex);
  if (prevTerm === undefined) {
    progress.toSnapshot();
    outbox.snapshotRequests.push({ to, atLeast: log.snapshot.index });
    return;
  }
  const entries = log.slice(progress.next, {
    last: log.lastIndex,
    maxEntries: limits.appendMaxEntries,
    maxBytes: limits.appendMaxBytes,
  });
  send(state, { type: 'append', from: id, to, term, prevIndex, prevTerm, entries, commit });
  const last = prevIndex + entries.length;
  progress.sent(last, log.bytesBetween(prevIndex, last));
  progress.sentCommit = commit;
}

function acknowledged(state: RaftState, progress: Progress, matched: Index, durable: Index): void {
  assert(durable <= state.log.lastIndex, 'a follower acknowledges only what this leader has');
  progress.accepted(matched, durable);
  if (progress.mode === 'probe') progress.toReplicate();
  leaveSnapshot(state, progress);
}

/** The follower holds enough to go on from, whatever the host knows of the snapshot. */
function leaveSnapshot({ log }: RaftState, progress: Progress): void {
  if (progress.mode === 'snapshot' && progress.match >= log.snapshot.index) progress.toProbe();
}

/** An answer to an append that was overtaken by later news. */
function isStaleRefusal(progress: Progress, prevIndex: Index): boolean {
  switch (progress.mode) {
    case 'probe':
      return prevIndex !== progress.next - 1;
    case 'replicate':
      return prevIndex <= progress.match;
    case 'snapshot':
      return true;
  }
}

/** Undefined unless I lead and the sender is still a member. Whoever answers is alive, whatever it says. */
function progressOf({ role }: RaftState, from: MemberId): Progress | undefined {
  if (role.name !== 'leader') return undefined;
  const progress = role.progress.get(from);
  if (progress !== undefined) progress.active = true;
  return progress;
}
