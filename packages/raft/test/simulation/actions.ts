import type { Random } from '@everopen/core';
import type { Configuration } from '../../src/index.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import type { SimulatedMember } from './simulated-member.ts';

/** One thing that happens in a run. */
export type Action = (cluster: SimulatedCluster, random: Random) => void;

export const ISOLATIONS = [
  { hears: false, isHeard: false },
  { hears: true, isHeard: false },
  { hears: false, isHeard: true },
];

export function onAwake(
  action: (cluster: SimulatedCluster, member: SimulatedMember, random: Random) => void,
): Action {
  return (cluster, random) => {
    const { awake } = cluster;
    if (awake.length > 0) action(cluster, random.pick(awake), random);
  };
}

export function onLeader(
  action: (cluster: SimulatedCluster, member: SimulatedMember, random: Random) => void,
): Action {
  return (cluster, random) => {
    const { leaders } = cluster;
    if (leaders.length > 0) action(cluster, random.pick(leaders), random);
  };
}

/** Faults like leaders. */
export function onSomebody(
  action: (cluster: SimulatedCluster, member: SimulatedMember, random: Random) => void,
): Action {
  const [one, leader] = [onAwake(action), onLeader(action)];
  return (cluster, random) => (random.chance(0.5) ? one : leader)(cluster, random);
}

export const crashEverybody: Action = (cluster) => {
  for (const member of cluster.members) if (member.isUp) cluster.crash(member);
};

export const cutOneLink: Action = (cluster, random) => {
  cluster.cuts.add(`${random.pick(cluster.members).id}>${random.pick(cluster.members).id}`);
};

/** A member hears and is heard by nobody, or only the one, or only the other. */
export const cutOff: Action = onSomebody((cluster, { id }, random) =>
  cluster.isolate(id, random.pick(ISOLATIONS)),
);

export const startOne: Action = (cluster, random) => {
  const down = cluster.members.filter(({ isUp }) => !isUp);
  if (down.length > 0) cluster.start(random.pick(down));
};

export const resumeOne: Action = (cluster, random) => {
  const paused = cluster.members.filter(({ isPaused }) => isPaused);
  if (paused.length > 0) random.pick(paused).isPaused = false;
};

export const mendOneLink: Action = (cluster, random) => {
  if (cluster.cuts.size > 0) cluster.cuts.delete(random.pick([...cluster.cuts]));
};

/** One member is added, removed, promoted or demoted. */
export function changeConfiguration(
  cluster: SimulatedCluster,
  leader: SimulatedMember,
  random: Random,
): void {
  const { voters, learners } = leader.core.log.configuration;
  const { id } = random.pick(cluster.members);
  const next: Configuration = learners.includes(id)
    ? random.chance(0.8)
      ? { voters: [...voters, id], learners: learners.filter((other) => other !== id) }
      : { voters, learners: learners.filter((other) => other !== id) }
    : voters.includes(id)
      ? {
          voters: voters.filter((other) => other !== id),
          learners: random.chance(0.5) ? [...learners, id] : learners,
        }
      : { voters, learners: [...learners, id] };
  cluster.changeConfiguration(leader, next);
}
