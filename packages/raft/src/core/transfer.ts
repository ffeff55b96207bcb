import { campaign } from './elections.ts';
import type { MessageOf } from './messages.ts';
import { send } from './persistence.ts';
import { refuseWhileTransferring } from './proposals.ts';
import { isVoter, type LeaderRole, type RaftState } from './raft-state.ts';
import { invalid, requireLeader } from './refusals.ts';
import { becomeFollower } from './roles.ts';
import type { MemberId } from './types.ts';

/**
 * Hands leadership to another voter (thesis, §3.10): take nothing new, wait until it has the whole log, and tell
 * it to hold an election at once. If it has not won after an election timeout, lead on.
 */
export function transferLeadership(state: RaftState, to: MemberId): void {
  const role = requireLeader(state);
  refuseWhileTransferring(role);
  if (to === state.id || !isVoter(state, to)) throw invalid('to', `Member ${to} is not another voter`);
  role.transfer = { to, ticks: 0, told: false };
}

/** Tells the target once a tick, as soon as nothing is missing in its log. */
export function proceedWithTransfer(state: RaftState, { transfer, progress }: LeaderRole): void {
  if (transfer === undefined || transfer.told) return;
  if (progress.get(transfer.to)?.match !== state.log.lastIndex) return;
  transfer.told = true;
  send(state, { type: 'timeoutNow', from: state.id, to: transfer.to, term: state.term });
}

export function tickTransfer({ limits, mutations }: RaftState, role: LeaderRole): void {
  const { transfer } = role;
  if (transfer === undefined) return;
  transfer.told = false;
  transfer.ticks++;
  if (transfer.ticks >= limits.electionTicks && mutations.neverGivesUpTransfer !== true)
    role.transfer = undefined;
}

/** Gives leadership up at once, and asks the voter that holds most of the log to go on. */
export function resign(state: RaftState, { progress }: LeaderRole): void {
  const { log, id, term } = state;
  const match = (voter: MemberId): number => progress.get(voter)?.match ?? 0;
  const others = log.configuration.voters.filter((voter) => voter !== id);
  const successor = others.toSorted((a, b) => match(b) - match(a))[0];
  becomeFollower(state, term, 0);
  if (successor !== undefined) send(state, { type: 'timeoutNow', from: id, to: successor, term });
}

/** No pre-vote, and voters need not wait for the leader to fall silent: it asked for this itself. */
export function onTimeoutNow(state: RaftState, { from }: MessageOf<'timeoutNow'>): void {
  const { role } = state;
  if (role.name === 'follower' && (role.leader === from || role.leader === 0))
    campaign(state, { transfer: true });
}
