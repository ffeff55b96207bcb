import { seededRandom } from '@everopen/core';
import { expect, it } from 'vitest';
import type { GroupMutations } from '../src/index.ts';
import { drawSchedule, drawWeather, GroupWorld, type OrderingName, type Weather } from './group-world.ts';

const STORM_MS = 3_000;
/** Seeds that a mutant may survive. `EVEROPEN_SEEDS` hunts from the first one with another budget. */
const BUDGET = Number(process.env['EVEROPEN_SEEDS'] ?? 60);
const fromTheFirst = process.env['EVEROPEN_SEEDS'] !== undefined;

interface Mutant {
  readonly bug: keyof GroupMutations;
  readonly ordering: OrderingName;
  /** Where the hunt begins: a seed a little before the first that is known to find it. */
  readonly from?: number;
  /** Weather in which the bug shows. */
  readonly weather?: Partial<Weather>;
}

/*
 * Bugs that only a scene made for them shows are hunted where the scene is: readsAfterOneVisit and neverResendsToken in
 * token-ring.test.ts; assignsWithoutRequests, countsLearners, deliversAfterHole, tellsNoStatus and answersNoAsk in
 * rotating-sequencer.test.ts; processesStaleJoin and ignoresObligation in group.test.ts; amnesiacsVote in
 * scenes.simulation.test.ts; readyBeforeDurable, primaryAfterOneReady, acceptsStaleControl and longestLogWins in
 * replication.test.ts.
 */
const MUTANTS: readonly Mutant[] = [
  { bug: 'forgetsPromise', ordering: 'token' },
  { bug: 'acceptsOldCommit', ordering: 'token', from: 130 },
  {
    bug: 'neverFreezes',
    ordering: 'token',
    from: 120,
    weather: { members: 4, spikeMs: 400, spikeChance: 0.3, loss: 0, commandEveryMs: 10 },
  },
  { bug: 'installsBeforeAllDone', ordering: 'token' },
  { bug: 'acceptsDuplicateTokens', ordering: 'token' },
  { bug: 'neverReducesFcc', ordering: 'token' },
  { bug: 'safeAfterOneRotation', ordering: 'token' },
  { bug: 'raisesAru', ordering: 'token' },
  { bug: 'freesAtAru', ordering: 'token' },
  { bug: 'keepsAfterHole', ordering: 'token', from: 40 },
  { bug: 'acksBeforeDurable', ordering: 'token' },
  { bug: 'quorumOfHalf', ordering: 'token' },
  { bug: 'readsLocally', ordering: 'token' },
  { bug: 'appliesInTransitional', ordering: 'token' },
  { bug: 'commitsOnReceipt', ordering: 'token' },
  { bug: 'resubmitsOrdered', ordering: 'token' },
  { bug: 'assignsOutOfTurn', ordering: 'sequencer' },
  { bug: 'assignsOutOfOrder', ordering: 'sequencer', from: 180 },
  { bug: 'deliversWithoutMajority', ordering: 'sequencer' },
  { bug: 'majorityIsMaximum', ordering: 'sequencer' },
  { bug: 'freesAtMajority', ordering: 'sequencer' },
  { bug: 'readsWithoutEcho', ordering: 'sequencer' },
  { bug: 'acksBeforeDurable', ordering: 'sequencer' },
];

it.each(MUTANTS)('a $ordering group with the bug "$bug" is found out', async (mutant) => {
  const found = await hunt(mutant);
  expect(found, `${mutant.bug} survived ${BUDGET} seeds`).toBeDefined();
  console.log(`${mutant.bug}, ${mutant.ordering}: ${found}`);
});

async function hunt({ bug, ordering, from = 1, weather: special }: Mutant): Promise<string | undefined> {
  const first = fromTheFirst ? 1 : from;
  for (let seed = first; seed < first + BUDGET; seed++) {
    const random = seededRandom(seed * 7919 + 1);
    const weather = { ...drawWeather(random), ...special };
    const schedule = drawSchedule(random, weather, STORM_MS);
    const world = new GroupWorld({
      seed,
      ordering,
      weather,
      schedule,
      stormMs: STORM_MS,
      mutations: { [bug]: true },
    });
    try {
      await world.run();
    } catch (error) {
      return `seed ${seed}: ${String(error).slice(0, 120)}`;
    }
  }
  return undefined;
}
