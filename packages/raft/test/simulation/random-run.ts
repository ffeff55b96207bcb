import type { Random } from '@everopen/core';
import { randomStream, Trace } from '@everopen/simulation';
import type { MemberId, RaftMutations } from '../../src/index.ts';
import { drawMix, type Emphasis } from './draw-mix.ts';
import { heal, leaveOneFault, mustWorkAgain } from './healing.ts';
import { SimulatedCluster } from './simulated-cluster.ts';

export interface RunOptions {
  readonly steps?: number;
  readonly mutations?: RaftMutations;
  readonly watchPromises?: boolean;
  /** Instead of a drawn one. */
  readonly emphasis?: Emphasis;
  /** Keeps a trace, for its hash and for the story of a failure. Costs half of the speed. */
  readonly traced?: boolean;
}

export interface RunResult {
  readonly committed: number;
  readonly counts: SimulatedCluster['counts'];
  readonly trace: Trace | undefined;
}

const STEPS_DEFAULT = 2500;
/** Small, so that every limit is reached. */
const LIMITS = {
  electionTicks: 5,
  appendMaxBytes: 400,
  inflightMaxBytes: 1_500,
  inflightMaxMessages: 6,
  uncommittedMaxBytes: 4_000,
  unappliedMaxBytes: 4_000,
  pendingReadsMax: 8,
  promotionMaxLag: 12,
};
const LOGS_MATCH_EVERY_STEPS = 50;
/**
 * One run of one seed: a cluster under a random mix of work and faults, then healed, when it must work again. Time
 * is the order of steps. Throws a `Violation`, or what an assertion in the core throws.
 */
export function runSeed(seed: number, options: RunOptions = {}): RunResult {
  const { steps = STEPS_DEFAULT, mutations, watchPromises, traced = false } = options;
  let now = 0;
  const trace = traced ? new Trace(() => now) : undefined;
  const random = randomStream(seed, 'faults');
  const cluster = new SimulatedCluster({
    seed,
    ...foundersOf(random),
    limits: { ...LIMITS, appendMaxEntries: random.pick([1, 2, 4]) },
    trace,
    ...(mutations === undefined ? {} : { mutations }),
    ...(watchPromises === undefined ? {} : { watchPromises }),
  });
  try {
    const mix = drawMix(random, options.emphasis);
    for (now = 0; now < steps; now++) {
      mix.pick()(cluster, random);
      // Turns of different lengths: often at once, sometimes with many inputs.
      for (const member of cluster.awake)
        if (member.isDue && random.chance(mix.turnRate)) cluster.takeReady(member);
      if (now % LOGS_MATCH_EVERY_STEPS === 0) cluster.invariants.logsMatch(cluster.members);
    }
    heal(cluster);
    if (random.chance(0.5)) leaveOneFault(cluster, random);
    mustWorkAgain(cluster, LIMITS.electionTicks);
  } catch (error) {
    if (trace === undefined || !(error instanceof Error)) throw error;
    throw new Error(`${error.message}\n${trace.story(120)}`, { cause: error });
  }
  return { committed: cluster.invariants.highestCommit, counts: cluster.counts, trace };
}

function foundersOf(random: Random): { voters: MemberId[]; others: MemberId[] } {
  const all = [1, 2, 3, 4, 5, 6];
  const founders = random.pick([1, 2, 3, 3, 4, 4, 5, 5]);
  return { voters: all.slice(0, founders), others: random.chance(0.5) ? all.slice(founders) : [] };
}
