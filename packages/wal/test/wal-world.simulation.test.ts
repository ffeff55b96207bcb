import { isCodedError, seededRandom, type Random } from '@everopen/core';
import {
  drawSwarm,
  explore,
  scheduleFaults,
  seedsFromEnvironment,
  SimulatedClock,
  SimulatedDisk,
  World,
  type Fate,
  type FaultSchedule,
  type FaultSource,
  type Scenario,
} from '@everopen/simulation';
import { expect, it } from 'vitest';
import { openWriteAheadLog, type WalMutations, type WriteAheadLog } from '../src/index.ts';
import { checkPromises, LogModel } from './log-model.ts';

const RUN_MS = 3_000;

type DiskWeather =
  | { readonly kind: 'power failure'; readonly seed: number }
  | { readonly kind: 'kill' }
  | { readonly kind: 'slow disk'; readonly delayMs: number }
  | { readonly kind: 'failing syncs'; readonly share: number; readonly seed: number }
  | { readonly kind: 'full disk' }
  | { readonly kind: 'healthy disk' };

const heals = { kind: 'healthy disk' } as const;
const SOURCES: readonly FaultSource<DiskWeather>[] = [
  {
    name: 'power',
    meanIntervalMs: 300,
    draw: (random) => ({ fault: { kind: 'power failure', seed: random.uint32() } }),
  },
  { name: 'kill', meanIntervalMs: 300, draw: () => ({ fault: { kind: 'kill' } }) },
  {
    name: 'slow',
    meanIntervalMs: 700,
    draw: (random) => ({
      fault: { kind: 'slow disk', delayMs: random.below(50) },
      heal: { afterMs: random.below(300), fault: heals },
    }),
  },
  {
    name: 'syncs',
    meanIntervalMs: 700,
    draw: (random) => ({
      fault: { kind: 'failing syncs', share: random.float(), seed: random.uint32() },
      heal: { afterMs: random.below(100), fault: heals },
    }),
  },
  {
    name: 'full',
    meanIntervalMs: 700,
    draw: (random) => ({ fault: { kind: 'full disk' }, heal: { afterMs: random.below(500), fault: heals } }),
  },
];

/** A machine whose one program appends to a log, under bad weather. It restarts 10 ms after each death. */
function logUnderBadWeather(mutations: WalMutations = {}): Scenario<DiskWeather> {
  return {
    name: 'the log under bad weather',
    schedule: (seed): FaultSchedule<DiskWeather> =>
      drawSwarm(new World({ seed }).random('faults'), { sources: SOURCES, untilMs: RUN_MS }),
    run: async (seed, schedule, begin) => {
      const world = new World({ seed });
      begin(world);
      const disk = new SimulatedDisk({ world });
      const random = world.random('program');
      let model = new LogModel();
      let clock = new SimulatedClock(world);
      let boots = 0;
      const boot = async (): Promise<void> => {
        const thisBoot = ++boots;
        clock = new SimulatedClock(world);
        try {
          const log = await openWriteAheadLog(disk.mount(), {
            directory: 'wal',
            segmentBytes: 8_192,
            clock,
            random: world.random(`boot ${thisBoot}`),
            owner: { name: `boot-${thisBoot}`, isAlive: () => false },
            fullRetryMs: 20,
            mutations,
          });
          const recovered = await checkPromises(log, model.promised());
          world.trace.note('log', `opens with ${log.first} … ${log.durable}`);
          model = new LogModel(recovered);
          model.attach(log);
          await useLog(world, log, model, random, () => thisBoot === boots);
        } catch (error) {
          if (!isCodedError(error) || error.code === 'Corrupt') throw error;
          world.trace.note('program', `exits with ${error.code}`);
          die('kill');
        }
      };
      const die = (how: 'kill' | Random): void => {
        clock.stop();
        if (how === 'kill') disk.kill();
        else disk.powerFailure(() => drawFate(how));
        boots++;
        world.after(10, () => world.spawn(boot));
      };
      world.spawn(boot);
      scheduleFaults(world, schedule, (fault) => {
        if (fault.kind === 'kill') die('kill');
        else if (fault.kind === 'power failure') die(seededRandom(fault.seed));
        else applyWeather(disk, fault);
      });
      await world.run(RUN_MS);
      applyWeather(disk, heals);
      die('kill');
      const before = model.promised().steps.length;
      await world.run(RUN_MS + 1_000);
      if (model.promised().atLeast <= before)
        throw new Error('The log did not come back after the last fault');
    },
  };
}

async function useLog(
  world: World,
  log: WriteAheadLog,
  model: LogModel,
  random: Random,
  alive: () => boolean,
): Promise<void> {
  while (alive()) {
    if (log.waitingForSpace) {
      await world.sleep(10);
      continue;
    }
    for (let n = random.below(6); n > 0 && !log.waitingForSpace; n--) model.append(20 + random.below(300));
    if (random.chance(0.02))
      await model.truncateSuffix(Math.max(log.first - 1, log.appended - random.below(4)));
    if (random.chance(0.02)) await model.truncatePrefix(log.durable);
    if (random.chance(0.1)) await world.sleep(random.below(100));
    if (!log.waitingForSpace && !log.failed && random.chance(0.8)) {
      await Promise.race([log.whenDurable(log.appended), world.sleep(100)]);
    }
    if (log.failed) throw log.failed;
    await world.sleep(0.1);
  }
}

function drawFate(random: Random): Fate {
  const dice = random.below(4);
  return dice === 0
    ? 'lost'
    : dice === 1
      ? 'kept'
      : { keptBytes: 1 + random.below(2_000), destroyed: dice === 2 };
}

function applyWeather(disk: SimulatedDisk, fault: DiskWeather): void {
  disk.inject = undefined;
  disk.capacityBytes = Infinity;
  if (fault.kind === 'slow disk') {
    disk.inject = ({ kind }) => (kind === 'sync' ? { delayMs: fault.delayMs } : undefined);
  } else if (fault.kind === 'failing syncs') {
    const random = seededRandom(fault.seed);
    disk.inject = ({ kind }) =>
      kind === 'sync' && random.chance(fault.share) ? { errno: 'EIO' } : undefined;
  } else if (fault.kind === 'full disk') {
    disk.capacityBytes = disk.volume.usedBytes;
  }
}

const { firstSeed, seeds } = seedsFromEnvironment(40);
const TIMEOUT_MS = 120_000 + 1_000 * seeds;

it(
  'R6 R7: under power failures, kills, failing and full disks nothing acknowledged is lost, seed after seed',
  async () => {
    const { virtualMs, events } = await explore(logUnderBadWeather(), { firstSeed, seeds });
    console.log(`${seeds} seeds, ${virtualMs / 1_000} virtual seconds, ${events} events`);
    expect(virtualMs).toBeGreaterThanOrEqual(seeds * RUN_MS);
  },
  TIMEOUT_MS,
);

it('a log that acknowledges before the sync is found out, and its failure told in a few faults', async () => {
  const story = await explore(logUnderBadWeather({ acknowledgeBeforeSync: true }), {
    seeds: 50,
    maxShrinkRuns: 60,
  }).then(
    () => 'nothing was found',
    (error: Error) => error.message,
  );
  expect(story).toMatch(/seed \d+ fails: The log holds/);
  expect(story).toMatch(/^[1-5] of \d+ faults are enough:$/m);
  expect(story).toContain('power failure seed=');
});
