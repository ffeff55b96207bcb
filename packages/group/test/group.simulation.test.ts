import { seededRandom } from '@everopen/core';
import { explore, seedsFromEnvironment, type Scenario } from '@everopen/simulation';
import { expect, it } from 'vitest';
import { drawSchedule, drawWeather, GroupWorld, type GroupFault, type OrderingName } from './group-world.ts';

const STORM_MS = 3_000;
const DEFAULT_SEEDS = 60;

function storm(ordering: OrderingName): Scenario<GroupFault> {
  const weatherOf = (seed: number): ReturnType<typeof drawWeather> => drawWeather(seededRandom(seed));
  return {
    name: `group with the ${ordering} in a storm`,
    schedule: (seed) => drawSchedule(seededRandom(seed + 1e6), weatherOf(seed), STORM_MS),
    run: async (seed, schedule, begin) => {
      const weather = weatherOf(seed);
      await new GroupWorld({ seed, ordering, weather, schedule, stormMs: STORM_MS, begin }).run();
    },
  };
}

it.each(['token', 'sequencer'] as const)(
  'G13, G15, G17, G18, G19: with the %s, no storm breaks an invariant, and every run can be repeated',
  async (ordering) => {
    const { seeds, virtualMs, events } = await explore(storm(ordering), seedsFromEnvironment(DEFAULT_SEEDS));
    console.log(`${ordering}: ${seeds} seeds, ${Math.round(virtualMs / 1000)} virtual s, ${events} events`);
  },
);

it.each(['token', 'sequencer'] as const)(
  'L4: with the %s, no ring changes without a fault, at 5 % loss',
  async (ordering) => {
    const { firstSeed, seeds } = seedsFromEnvironment(8);
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const random = seededRandom(seed);
      const weather = {
        ...drawWeather(random),
        members: 2 + random.below(4),
        loss: random.pick([0, 0.01, 0.05]),
        spikeChance: 0,
      };
      const world = new GroupWorld({ seed, ordering, weather, schedule: [], stormMs: 6_000 });
      await world.run();
      const settled = world.configurationsAfter(1_000);
      expect(settled, `seed ${seed}: ${world.describe()}`).toBe(0);
    }
  },
);
