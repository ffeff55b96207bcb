import { assert } from './assert.ts';
import { quorumValue } from './quorum.ts';
import type { LeaderRole, RaftState } from './raft-state.ts';
import type { Index } from './types.ts';

/**
 * Leaders (paper, figure 2): "if there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and
 * log[N].term == currentTerm: set commitIndex = N". Everyone counts for what is on its disk, the leader too.
 *
 * The condition on the term is figure 8: an entry of a former term may be on a majority and still be replaced, so
 * it is committed only together with a later entry of this term.
 */
export function advanceCommit(state: RaftState, role: LeaderRole): void {
  const { log, id, disk, mutations } = state;
  const own = mutations.countsItselfBeforeDurable === true ? log.lastIndex : disk.durable;
  const reached = quorumValue(log.configuration.voters, (voter) =>
    voter === id ? own : (role.progress.get(voter)?.match ?? 0),
  );
  if (reached <= state.commit) return;
  if (log.termAt(reached) !== state.term && mutations.commitsOldTerms !== true) return;
  state.commit = reached;
}

/** A follower hears how far its leader has committed; the caller knows that the logs are equal up to there. */
export function learnCommit(state: RaftState, commit: Index): void {
  assert(commit <= state.log.lastIndex, "what is committed here is here: was this member's disk lost?");
  state.commit = Math.max(state.commit, commit);
}

/** How far the host may apply: what is committed, and on this member's disk, so that no store is ahead of it. */
export function applicable({ commit, disk, mutations }: RaftState): Index {
  return mutations.appliesUndurable === true ? commit : Math.min(commit, disk.durable);
}

/** Whether so much waits to be applied that nothing should be added. */
export function isApplyingSlowly({ log, applied, commit, limits }: RaftState): boolean {
  return log.bytesBetween(applied, commit) > limits.unappliedMaxBytes;
}
