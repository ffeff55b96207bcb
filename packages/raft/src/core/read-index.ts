import { quorumValue } from './quorum.ts';
import { hasCommittedInOwnTerm, type LeaderRole, type ReadId, type RaftState } from './raft-state.ts';
import { overloaded, requireLeader } from './refusals.ts';
import type { Index } from './types.ts';

/**
 * Linearizable reads without a write (paper, §8; thesis, §6.4). A read notes the commit index, and waits until a
 * majority has answered a heartbeat that was sent after the read came: then nobody else led at that moment.
 *
 * All reads of a turn share one *round*, a number that heartbeats carry and followers echo; rounds only grow, so
 * an old echo can never confirm a newer read.
 */
export function read(state: RaftState): ReadId {
  const role = requireLeader(state);
  const { pendingReadsMax } = state.limits;
  if (role.pendingReads.length + role.earlyReads.length >= pendingReadsMax) {
    throw overloaded('Too many reads wait for their turn', pendingReadsMax);
  }
  const id = ++state.lastReadId;
  if (mayRead(state, role)) wait(role, id, state.commit);
  else role.earlyReads.push(id);
  return id;
}

/** A new leader knows what is committed once an entry of its own term is: reads that came earlier begin now. */
export function admitEarlyReads(state: RaftState, role: LeaderRole): void {
  if (role.earlyReads.length === 0 || !mayRead(state, role)) return;
  for (const id of role.earlyReads.splice(0)) wait(role, id, state.commit);
}

/** The reads of this turn need a round of their own. */
export function startRound(role: LeaderRole): void {
  const newest = role.pendingReads.at(-1);
  if (newest === undefined || newest.round <= role.round) return;
  role.round = newest.round;
  role.heartbeatDue = true;
}

/** The newest round that a majority has echoed confirms every read up to it. */
export function releaseReads(state: RaftState, role: LeaderRole): void {
  if (role.pendingReads.length === 0) return;
  const { log, id, mutations, outbox } = state;
  const confirmed =
    mutations.readsWithoutQuorum === true
      ? role.round
      : quorumValue(log.configuration.voters, (voter) =>
          voter === id ? role.round : (role.progress.get(voter)?.round ?? 0),
        );
  const firstOpen = role.pendingReads.findIndex(({ round }) => round > confirmed);
  const ready = role.pendingReads.splice(0, firstOpen === -1 ? role.pendingReads.length : firstOpen);
  outbox.reads.push(...ready.map(({ id: readId, index }) => ({ id: readId, index })));
}

function mayRead(state: RaftState, role: LeaderRole): boolean {
  return hasCommittedInOwnTerm(state, role) || state.mutations.readsBeforeOwnCommit === true;
}

function wait(role: LeaderRole, id: ReadId, index: Index): void {
  role.pendingReads.push({ id, index, round: role.round + 1 });
}
