import { Progress } from './progress.ts';
import { appendOwn, refuseWhileTransferring } from './proposals.ts';
import { hasCommittedInOwnTerm, isVoter, peersOf, type LeaderRole, type RaftState } from './raft-state.ts';
import { invalid, notReady, requireLeader } from './refusals.ts';
import { resign } from './transfer.ts';
import type { Configuration, EntryPlace } from './types.ts';

/**
 * Appends a new configuration, in force from now on (thesis, §4.1 and §4.2). Majorities of the old one and the new
 * one always meet, because
 *
 * - at most one voter differs;
 * - the configuration before is committed;
 * - so is an entry of this leader's own term (Ongaro's correction of 2015): only then no configuration of a
 *   former leader can still be committed behind its back.
 */
export function changeConfiguration(state: RaftState, next: Configuration): EntryPlace {
  const role = requireLeader(state);
  const { log, commit, mutations } = state;
  refuseWhileTransferring(role);
  refuseMalformed(state, next);
  if (log.configurationIndex > commit && mutations.overlapsConfigurations !== true) {
    throw notReady('The last change of the configuration is not committed yet');
  }
  if (!hasCommittedInOwnTerm(state, role) && mutations.changesBeforeOwnCommit !== true) {
    throw notReady('This leader has committed nothing of its own term yet');
  }
  refuseUnpreparedVoters(state, role, next);
  const place = appendOwn(state, { kind: 'configuration', configuration: next });
  followMembers(state, role);
  return place;
}

/** A leader that removed itself leads on, without counting itself, until that is committed (thesis, §4.2.2). */
export function leaveIfRemoved(state: RaftState, role: LeaderRole): void {
  const { log, commit } = state;
  if (isVoter(state) || log.configurationIndex > commit) return;
  resign(state, role);
}

function refuseMalformed({ log, limits }: RaftState, { voters, learners }: Configuration): void {
  const members = [...voters, ...learners];
  if (new Set(members).size !== members.length) throw invalid('configuration', 'A member is named twice');
  if (!members.every((member) => Number.isSafeInteger(member) && member > 0)) {
    throw invalid('configuration', 'A member is a whole number from 1 on');
  }
  if (voters.length === 0 || voters.length > limits.votersMax) {
    throw invalid('voters', `There are from 1 to ${limits.votersMax} voters, not ${voters.length}`);
  }
  if (voterDifference(log.configuration, { voters, learners }) > 1) {
    throw invalid('voters', 'At most one voter is added or removed at a time');
  }
}

/** A voter that lacks much of the log would make a majority wait for it: it catches up as a learner first. */
function refuseUnpreparedVoters(
  { log, limits, id }: RaftState,
  role: LeaderRole,
  { voters }: Configuration,
): void {
  for (const voter of voters) {
    if (voter === id || log.configuration.voters.includes(voter)) continue;
    const progress = role.progress.get(voter);
    if (progress === undefined) throw invalid('voters', `Member ${voter} is not a learner yet`);
    if (progress.match + limits.promotionMaxLag < log.lastIndex) {
      throw notReady(`Member ${voter} has not caught up yet`, {
        member: voter,
        lag: log.lastIndex - progress.match,
      });
    }
  }
}

export function voterDifference(a: Configuration, b: Configuration): number {
  const added = b.voters.filter((voter) => !a.voters.includes(voter)).length;
  const removed = a.voters.filter((voter) => !b.voters.includes(voter)).length;
  return added + removed;
}

/** Progress is kept for exactly those who are members now. */
function followMembers(state: RaftState, { progress }: LeaderRole): void {
  const peers = peersOf(state);
  for (const member of progress.keys()) if (!peers.includes(member)) progress.delete(member);
  for (const peer of peers)
    if (!progress.has(peer)) progress.set(peer, new Progress(state.log.lastIndex + 1));
}
