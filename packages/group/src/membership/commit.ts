import { assert } from '../model/assert.ts';
import type { MemberId, Processor } from '../model/processor.ts';
import { indexOf, sameRing, type Ring } from '../model/ring.ts';
import type { Commit, CommitEntry } from '../wire/bodies.ts';
import { cancelTimers } from './gather.ts';
import type { CommitPhase, GroupState } from './group-state.ts';
import { enterRecovery } from './recovery.ts';
import { promise } from './promise.ts';

/** The representative begins: the first rotation collects what each member holds of its old ring. */
export function createCommit(state: GroupState, members: readonly Processor[]): void {
  const seq = Math.max(state.maxRing, state.promised) + 1;
  if (!promise(state, seq)) return;
  const { id: representative, incarnation } = state.me;
  const ring: Ring = { id: { seq, representative, incarnation }, members };
  enterCommit(state, ring, [ownEntry(state)]);
}

/** The token has come to a member that agrees with it. */
export function joinCommit(state: GroupState, commit: Commit): void {
  if (!promise(state, commit.ring.seq)) return;
  enterCommit(state, { id: commit.ring, members: commit.members }, [...commit.entries, ownEntry(state)]);
}

function enterCommit(state: GroupState, ring: Ring, entries: readonly CommitEntry[]): void {
  cancelTimers(state);
  state.frozen = true;
  if (ring.members.length === 1) return enterRecovery(state, ring, entries, undefined);
  const sent = {
    to: successorIn(ring, state.me.id),
    commit: { type: 'commit', ring: ring.id, rotation: 1, members: ring.members, entries } as const,
  };
  state.phase = { name: 'commit', ring, sent };
  state.outbox.send([sent.to], sent.commit);
  state.outbox.setTimer('formRetransmit', state.settings.formRetransmitMs);
  state.outbox.setTimer('formLoss', state.settings.tokenLossMs);
}

/**
 * The second rotation tells everybody what all hold. It is marked: a repetition of the first must not be taken for it.
 */
export function commitReceivesCommit(state: GroupState, phase: CommitPhase, commit: Commit): void {
  const { ring } = phase;
  if (!sameRing(commit.ring, ring.id) || commit.entries.length !== ring.members.length) return;
  const isRepresentative = ring.members[0]?.id === state.me.id;
  if (commit.rotation !== (isRepresentative ? 1 : 2)) return;
  const next = successorIn(ring, state.me.id);
  const isLast = next === ring.members[0]?.id;
  const sent = isLast ? undefined : { to: next, commit: { ...commit, rotation: 2 as const } };
  enterRecovery(state, ring, commit.entries, sent);
}

function ownEntry(state: GroupState): CommitEntry {
  return {
    oldRing: state.ring.id,
    held: state.engine.holdings(),
    obligation: [...state.obligation].sort((a, b) => a - b),
  };
}

function successorIn(ring: Ring, id: MemberId): MemberId {
  const place = indexOf(ring, id);
  assert(place >= 0, 'the members of a ring form it');
  return (ring.members[(place + 1) % ring.members.length] as Processor).id;
}
