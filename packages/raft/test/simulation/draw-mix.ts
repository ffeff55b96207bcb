import type { Random } from '@everopen/core';
import {
  changeConfiguration,
  crashEverybody,
  cutOff,
  cutOneLink,
  mendOneLink,
  onAwake,
  onLeader,
  onSomebody,
  resumeOne,
  startOne,
  type Action,
} from './actions.ts';
import type { SimulatedMember } from './simulated-member.ts';

/** What can go wrong, or happen beside the work, with its usual weight among the steps. */
const FAULTS = {
  loss: [(cluster, random) => cluster.drop(random.below(cluster.inFlight.length || 1)), 6],
  duplication: [
    (cluster, random) => cluster.deliver(random.below(cluster.inFlight.length || 1), { keep: true }),
    4,
  ],
  crash: [onSomebody((cluster, member) => cluster.crash(member)), 0.8],
  crashOfAll: [crashEverybody, 0.1],
  cutLink: [cutOneLink, 1],
  cutOffMember: [cutOff, 0.5],
  pause: [onSomebody((_, member) => void (member.isPaused = true)), 0.6],
  campaign: [onAwake((cluster, member) => cluster.campaign(member)), 0.6],
  suspicion: [
    onAwake((cluster, member, random) => cluster.suspect(member, random.pick(cluster.members).id)),
    0.5,
  ],
  membership: [onLeader(changeConfiguration), 5],
  transfer: [
    onLeader((cluster, member, random) => cluster.transfer(member, random.pick(cluster.members).id)),
    0.6,
  ],
  compaction: [onAwake((cluster, member, random) => cluster.compact(member, random.below(6))), 3],
} satisfies Record<string, readonly [Action, number]>;

/** Weights to multiply the usual ones with; what is named is never left out. */
export type Emphasis = Partial<Record<keyof typeof FAULTS, number>>;

/** Besides the usual mix, some that dwell on what needs several rare things at once. */
const EMPHASES: readonly Emphasis[] = [
  {},
  {},
  { membership: 3, crash: 1 },
  { campaign: 3, cutLink: 1 },
  { compaction: 2, pause: 2 },
];

export interface Mix {
  pick(): Action;
  /** How soon a turn ends after an input: 1 at once. */
  readonly turnRate: number;
}

/** Of a healthy disk's. */
const SLOW_DISK_SPEED = 0.1;

/** Work always, and of the faults a random half at random rates (swarm testing). */
export function drawMix(random: Random, emphasis: Emphasis = random.pick(EMPHASES)): Mix {
  const scale = (): number => 3 ** (2 * random.float() - 1);
  const inOrder = random.chance(0.5);
  const slowDisks = new Set(random.chance(0.5) ? [1, 2, 3, 4, 5, 6].filter(() => random.chance(0.5)) : []);
  const writes = ({ id }: SimulatedMember): boolean => !slowDisks.has(id) || random.chance(SLOW_DISK_SPEED);
  const weighted: (readonly [Action, number])[] = [
    [(cluster) => cluster.deliver(inOrder ? 0 : random.below(cluster.inFlight.length || 1)), 60],
    [onAwake((cluster, member) => cluster.tick(member)), 9 * scale()],
    [onAwake((cluster, member) => writes(member) && cluster.finishWrite(member)), 30],
    [onAwake((cluster, member) => cluster.apply(member, 1 + random.below(4))), 8],
    [onAwake((cluster, member) => cluster.saveState(member)), 4],
    [onLeader((cluster, member) => cluster.propose(member)), 8 * scale()],
    [onLeader((cluster, member) => cluster.read(member)), 6 * scale()],
    [startOne, 1.5],
    [resumeOne, 1.5],
    [mendOneLink, 2],
  ];
  for (const [name, [action, weight]] of Object.entries(FAULTS)) {
    const times = emphasis[name as keyof typeof FAULTS];
    if (times !== undefined || random.chance(0.5)) weighted.push([action, weight * (times ?? 1) * scale()]);
  }
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  return {
    turnRate: random.pick([1, 0.7, 0.4]),
    pick: () => {
      let at = random.float() * total;
      for (const [action, weight] of weighted) if ((at -= weight) < 0) return action;
      return startOne;
    },
  };
}
