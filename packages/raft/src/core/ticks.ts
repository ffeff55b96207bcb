import { campaignWithPreVote } from './elections.ts';
import { majority } from './quorum.ts';
import type { LeaderRole, RaftState } from './raft-state.ts';
import { becomeFollower } from './roles.ts';
import { tickTransfer } from './transfer.ts';

/** A leader whose disk takes longer than so many election timeouts for one write gives way. */
const HUNG_DISK_ELECTION_TIMEOUTS = 2;

/** One unit of time has passed: the only clock there is. */
export function tick(state: RaftState): void {
  const oldestWrite = state.disk.inFlight[0];
  if (oldestWrite !== undefined) oldestWrite.ticks++;
  if (state.role.name === 'leader') return tickLeader(state, state.role);
  state.ticks++;
  if (state.ticks >= state.electionTimeoutTicks) campaignWithPreVote(state);
}

function tickLeader(state: RaftState, role: LeaderRole): void {
  role.heartbeatDue = true;
  role.quorumTicks++;
  tickTransfer(state, role);
  if (isDiskHung(state) || !hasQuorum(state, role)) becomeFollower(state, state.term, 0);
}

/** Check-quorum (thesis, §6.2): once an election timeout, a leader that a majority does not answer steps down. */
function hasQuorum({ id, limits, log, mutations }: RaftState, role: LeaderRole): boolean {
  if (role.quorumTicks < limits.electionTicks) return true;
  const { voters } = log.configuration;
  const heard = voters.filter((voter) => voter === id || role.progress.get(voter)?.active === true);
  role.quorumTicks = 0;
  for (const progress of role.progress.values()) progress.active = false;
  return heard.length >= majority(voters.length) || mutations.leadsWithoutQuorum === true;
}

/** Heartbeats wait for no disk, so a leader whose disk hangs would otherwise lead, and commit nothing, for ever. */
function isDiskHung({ disk, limits }: RaftState): boolean {
  const oldest = disk.inFlight[0];
  return oldest !== undefined && oldest.ticks > HUNG_DISK_ELECTION_TIMEOUTS * limits.electionTicks;
}
