import { expect, it } from 'vitest';
import { drawSwarm } from '../faults/swarm.ts';
import { scheduleFaults, type Fault, type FaultSchedule } from '../faults/fault-schedule.ts';
import { World } from '../world/world.ts';
import { explore, seedsFromEnvironment, type Scenario } from './explore.ts';
import { shrinkSchedule } from './shrink-schedule.ts';

interface Switch extends Fault {
  readonly kind: 'on' | 'off';
  readonly lamp: number;
}

/** Fails when lamps 3 and 5 are on together. */
function lamps(extra: (world: World) => void = () => {}): Scenario<Switch> {
  return {
    name: 'lamps',
    schedule: (seed): FaultSchedule<Switch> => {
      const random = new World({ seed }).random('faults');
      return drawSwarm<Switch>(random, {
        untilMs: 10_000,
        sources: Array.from({ length: 8 }, (_, lamp) => ({
          name: `lamp ${lamp}`,
          meanIntervalMs: 3_000,
          draw: () => ({ fault: { kind: 'on', lamp }, heal: { afterMs: 500, fault: { kind: 'off', lamp } } }),
        })),
      });
    },
    run: async (seed, schedule, begin) => {
      const world = new World({ seed });
      begin(world);
      const on = new Set<number>();
      scheduleFaults(world, schedule, ({ kind, lamp }) => {
        if (kind === 'on') on.add(lamp);
        else on.delete(lamp);
        if (on.has(3) && on.has(5)) throw new Error('lamps 3 and 5 are on together');
      });
      extra(world);
      await world.run(20_000);
    },
  };
}

it('a failing seed is shrunk to the faults that matter, and told as a story', async () => {
  const error: Error = await explore(lamps(), { seeds: 200 }).then(
    () => new Error('nothing failed'),
    (failure: Error) => failure,
  );
  expect(error.message).toMatch(/lamps: seed \d+ fails: lamps 3 and 5 are on together/);
  expect(error.message).toMatch(/^2 of \d+ faults are enough:$/m);
  expect(error.message).toMatch(/on lamp=[35]\n.*on lamp=[35]\nReplay: EVEROPEN_SEED=\d+$/);
});

it('the same seed twice is the same run; what is not simulated is noticed', async () => {
  const calm: Scenario<Switch> = {
    ...lamps((world) => world.trace.note('cat', `sees ${world.random('cat').uint32()}`)),
    schedule: () => [],
  };
  expect(await explore(calm, { seeds: 3, repeatEvery: 1 })).toMatchObject({ seeds: 3, virtualMs: 60_000 });
  let runs = 0;
  const restless: Scenario<Switch> = {
    ...lamps((world) => world.trace.note('cat', `run ${runs++}`)),
    schedule: () => [],
  };
  await expect(explore(restless, { seeds: 1 })).rejects.toThrow('ran differently the second time');
});

it('shrinking finds the least set, whatever stands around it', async () => {
  const all = Array.from({ length: 64 }, (_, n) => n);
  let runs = 0;
  const fails = async (part: readonly number[]): Promise<boolean> => {
    runs++;
    return [7, 31, 60].every((needed) => part.includes(needed));
  };
  expect(await shrinkSchedule(all, fails)).toEqual([7, 31, 60]);
  expect(runs).toBeLessThan(200);
  expect(await shrinkSchedule(all, async () => true)).toEqual([]);
  expect(await shrinkSchedule(all, fails, 3)).toHaveLength(64);
});

it('a swarm switches kinds off altogether, stays within its time, and is the same for the same seed', () => {
  const kinds = (seed: number): Set<number> =>
    new Set(
      lamps()
        .schedule(seed)
        .map(({ fault }) => fault.lamp),
    );
  const counts = Array.from({ length: 50 }, (_, seed) => kinds(seed).size);
  expect(Math.min(...counts)).toBeLessThan(3);
  expect(Math.max(...counts)).toBeGreaterThan(5);
  const schedule = lamps().schedule(9);
  expect(schedule).toEqual(lamps().schedule(9));
  expect(schedule.every(({ atMs }) => atMs <= 10_000)).toBe(true);
  expect(schedule.map(({ atMs }) => atMs)).toEqual(
    schedule.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
  );
});

it('seeds come from the environment', () => {
  expect(seedsFromEnvironment(5, {})).toEqual({ firstSeed: 1, seeds: 5 });
  expect(seedsFromEnvironment(5, { EVEROPEN_SEEDS: '200' })).toEqual({ firstSeed: 1, seeds: 200 });
  expect(seedsFromEnvironment(5, { EVEROPEN_SEEDS: '200', EVEROPEN_SEED: '42' })).toEqual({
    firstSeed: 42,
    seeds: 1,
  });
  expect(() => seedsFromEnvironment(5, { EVEROPEN_SEEDS: 'many' })).toThrow('EVEROPEN_SEEDS');
});
