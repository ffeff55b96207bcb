import type { Random } from '@everopen/core';
import type { Configuration, RaftLogView } from '../../src/index.ts';
import { ISOLATIONS } from './actions.ts';
import { Violation } from './invariants.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import type { SimulatedMember } from './simulated-member.ts';

/** How many rounds of everything a healed cluster may take until it works, in election timeouts. */
const HEALING_ELECTION_TIMEOUTS = 60;

export function heal(cluster: SimulatedCluster): void {
  cluster.cuts.clear();
  for (const member of cluster.members) {
    member.isPaused = false;
    if (!member.isUp) cluster.start(member);
  }
}

/** One member stays down, or cut off: if no majority needs it, that must make no difference. */
export function leaveOneFault(cluster: SimulatedCluster, random: Random): void {
  const member = random.pick(cluster.members);
  const isNeeded = cluster.members.some(({ core }) =>
    allConfigurations(core.log).some(({ voters }) => voters.includes(member.id) && voters.length < 3),
  );
  if (isNeeded) return;
  cluster.exceptional = member;
  if (random.chance(0.4)) cluster.crash(member);
  else cluster.isolate(member.id, random.pick(ISOLATIONS));
}

function allConfigurations(log: RaftLogView): Configuration[] {
  const { configuration } = log.snapshot;
  const found = [configuration];
  for (let index = log.snapshot.index + 1; index <= log.lastIndex; index++) {
    const entry = log.entryAt(index);
    if (entry?.kind === 'configuration') found.push(entry.configuration);
  }
  return found;
}

/** Liveness: without faults a leader is found, it commits, and everybody who belongs to the cluster follows. */
export function mustWorkAgain(cluster: SimulatedCluster, electionTicks: number): void {
  let target = Infinity;
  let proposedInTerm = 0;
  for (let round = 0; round < HEALING_ELECTION_TIMEOUTS * electionTicks; round++) {
    for (const member of cluster.awake) cluster.tick(member);
    for (let hop = 0; hop < 4; hop++) {
      for (const member of cluster.awake) settle(cluster, member);
      for (let waiting = cluster.inFlight.length; waiting > 0; waiting--) cluster.deliver(0);
    }
    cluster.invariants.logsMatch(cluster.members);
    const leader = cluster.leaders.find((member) => member !== cluster.exceptional);
    if (leader === undefined) continue;
    if (proposedInTerm !== leader.core.status.term) {
      const before = leader.core.log.lastIndex;
      cluster.propose(leader);
      if (leader.core.log.lastIndex === before) continue;
      target = leader.core.log.lastIndex;
      proposedInTerm = leader.core.status.term;
    }
    if (haveFollowed(cluster, leader, target)) return;
  }
  throw new Violation('Liveness: the cluster was healed, and does not work');
}

function settle(cluster: SimulatedCluster, member: SimulatedMember): void {
  while (member.stored.isWriting) cluster.finishWrite(member);
  cluster.takeReady(member);
  cluster.apply(member, 1000);
}

function haveFollowed(cluster: SimulatedCluster, leader: SimulatedMember, target: number): boolean {
  const { voters, learners } = leader.core.log.configuration;
  return cluster.members
    .filter((member) => member !== cluster.exceptional)
    .filter(({ id }) => voters.includes(id) || learners.includes(id))
    .every(({ machine }) => machine.applied >= target);
}
