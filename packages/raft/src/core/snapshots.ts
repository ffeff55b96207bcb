import type { MessageOf } from './messages.ts';
import { resetLog } from './persistence.ts';
import type { Progress } from './progress.ts';
import type { RaftState } from './raft-state.ts';
import { heardFromLeader } from './roles.ts';
import type { Index, MemberId, SnapshotMeta } from './types.ts';

/**
 * InstallSnapshot, receiver (paper, figure 13): the whole snapshot is on this member's disk. The log begins anew
 * behind it, unless it holds the snapshot's last entry: then the log is right, and only the commit index grows.
 */
export function onSnapshot(state: RaftState, { from, meta }: MessageOf<'snapshot'>): void {
  heardFromLeader(state, from);
  state.acknowledgementDue = true;
  if (meta.index > state.commit) {
    if (state.log.termAt(meta.index) === meta.term) {
      state.commit = meta.index;
    } else {
      const configuration =
        state.mutations.ignoresSnapshotConfiguration === true ? state.log.configuration : meta.configuration;
      resetLog(state, { ...meta, configuration });
      state.commit = meta.index;
    }
  }
  // What is committed is in every later leader's log (paper, §5.4.3).
  state.matched = Math.max(state.matched, state.commit);
}

/** A follower has installed a snapshot at `index`: see whether its log goes on from there. */
export function snapshotInstalled(state: RaftState, peer: MemberId, index: Index): void {
  awaitedSnapshot(state, peer)?.toProbe(Math.min(index, state.log.lastIndex) + 1);
}

/** A snapshot did not reach its follower: look again what that one needs, but not before it answers a heartbeat. */
export function snapshotFailed(state: RaftState, peer: MemberId): void {
  const progress = awaitedSnapshot(state, peer);
  if (progress === undefined) return;
  progress.toProbe();
  progress.probing = true;
}

function awaitedSnapshot({ role }: RaftState, peer: MemberId): Progress | undefined {
  const progress = role.name === 'leader' ? role.progress.get(peer) : undefined;
  return progress?.mode === 'snapshot' ? progress : undefined;
}

/**
 * Forgets the log up to an index that the host's state holds durably; less, if less is committed here or on this
 * disk. Gives where the log begins now, for the host to record, or undefined if nothing was forgotten.
 */
export function compact(state: RaftState, index: Index): SnapshotMeta | undefined {
  const upTo = Math.min(index, state.commit, state.disk.durable);
  if (upTo <= state.log.snapshot.index) return undefined;
  state.log.compact(upTo);
  return state.log.snapshot;
}
