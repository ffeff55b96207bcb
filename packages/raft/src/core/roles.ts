import { assert } from './assert.ts';
import { Progress } from './progress.ts';
import { isVoter, peersOf, setHardState, type RaftState } from './raft-state.ts';
import type { MemberId, Term } from './types.ts';

/** Long enough for an election on a local network, so that the next in turn finds it decided. */
const TURN_TICKS = 2;

/**
 *                    timeout              pre-vote won             won
 *     follower ───────────────▶ preCandidate ───────▶ candidate ───────▶ leader
 *        ▲                          │                     │                │
 *        └── lost, or heard of a leader, or of a higher term ◀─────────────┘
 *                                                       (or without a quorum, or with a hung disk)
 */

/** Follower of `leader` (0: not known) in `term`. Whatever waited for us as a leader fails. */
export function becomeFollower(state: RaftState, term: Term, leader: MemberId): void {
  if (state.role.name === 'leader') {
    const { pendingReads, earlyReads } = state.role;
    state.outbox.failedReads.push(...pendingReads.map(({ id }) => id), ...earlyReads);
  }
  if (term > state.term) enterTerm(state, term, 0);
  state.role = { name: 'follower', leader };
  restartElectionTimer(state);
}

/** A new term: votes start anew, and nothing is known yet of how our log compares with its leader's. */
export function enterTerm(state: RaftState, term: Term, votedFor: MemberId): void {
  setHardState(state, { term, votedFor });
  state.acknowledged = 0;
  state.acknowledgementDue = false;
  if (state.mutations.keepsMatchedInNewTerm !== true) state.matched = 0;
}

/** Leader of this term (paper, §5.2): an entry of its own first, and word to everybody at once. */
export function becomeLeader(state: RaftState): void {
  assert(state.role.name === 'candidate', 'only a candidate becomes leader');
  const { log, term, mutations } = state;
  const firstIndex = log.lastIndex + 1;
  const next = mutations.probesLow === true ? log.snapshot.index + 1 : firstIndex;
  state.role = {
    name: 'leader',
    progress: new Map(peersOf(state).map((peer) => [peer, new Progress(next)])),
    firstIndex,
    heartbeatDue: true,
    round: 0,
    pendingReads: [],
    earlyReads: [],
    quorumTicks: 0,
    transfer: undefined,
  };
  state.ticks = 0;
  log.append([{ index: firstIndex, term, kind: 'noop' }]);
}

/** An append, heartbeat or snapshot came from the leader of this term. */
export function heardFromLeader(state: RaftState, leader: MemberId): void {
  const { role, term } = state;
  assert(role.name !== 'leader', `one leader in term ${term}`);
  if (role.name !== 'follower') return becomeFollower(state, term, leader);
  assert(role.leader === 0 || role.leader === leader, `one leader in term ${term}`);
  // It was suspected, and lives.
  if (role.leader === 0 && state.electionTimeoutTicks < state.limits.electionTicks)
    restartElectionTimer(state);
  state.role = { name: 'follower', leader };
  state.ticks = 0;
}

/**
 * The host knows that the leader's process is gone (its connection was refused or closed): no need to sit out
 * the timeout, nor to hold on to that leader when another asks for a pre-vote. Nothing but time is decided here.
 * Everybody notices at the same moment, so chance would often split the vote: voters campaign in turn instead.
 */
export function suspectLeader(state: RaftState, peer: MemberId): void {
  const { role } = state;
  if (role.name !== 'follower' || role.leader !== peer) return;
  state.role = { name: 'follower', leader: 0 };
  if (!isVoter(state)) return;
  const soonTicks = 1 + TURN_TICKS * turnAfter(state, peer);
  state.electionTimeoutTicks = Math.min(state.electionTimeoutTicks, state.ticks + soonTicks);
}

/** 0 for the voter that is named behind this one in the configuration, 1 for the next … */
function turnAfter({ id, log }: RaftState, peer: MemberId): number {
  const { voters } = log.configuration;
  return (voters.indexOf(id) - voters.indexOf(peer) - 1 + voters.length) % voters.length;
}

/** A timeout drawn anew, so that split votes are rare (paper, §5.2). */
export function restartElectionTimer(state: RaftState): void {
  const { electionTicks } = state.limits;
  state.ticks = 0;
  state.electionTimeoutTicks = electionTicks + state.random.below(electionTicks);
}

/**
 * Whether a living leader is a reason to ignore elections (thesis, §4.2.3): I lead, or heard from a leader
 * less than an election timeout ago.
 */
export function hearsLeader({ role, ticks, limits }: RaftState): boolean {
  return (
    role.name === 'leader' || (role.name === 'follower' && role.leader !== 0 && ticks < limits.electionTicks)
  );
}

/**
 * Voters campaign. So does a member that the last configuration in its log removes, while that is not known to be
 * committed: it may be the only one with that entry, and the others may need its vote (thesis, §4.2.2).
 */
export function mayCampaign(state: RaftState): boolean {
  const { role, log, commit, id } = state;
  if (role.name === 'leader') return false;
  const isBeingRemoved =
    log.configurationIndex > commit && log.previousConfiguration?.voters.includes(id) === true;
  return isVoter(state) || isBeingRemoved;
}
