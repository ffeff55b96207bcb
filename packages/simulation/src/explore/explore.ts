import { describeFault, type Fault, type FaultSchedule } from '../faults/fault-schedule.ts';
import type { World } from '../world/world.ts';
import { shrinkSchedule } from './shrink-schedule.ts';

/** A way to run one seed: what goes wrong is drawn first, and handed in, so that it can be shrunk. */
export interface Scenario<F extends Fault> {
  readonly name: string;
  /** The faults of a seed. */
  schedule(seed: number): FaultSchedule<F>;
  /**
   * Builds a world for the seed, runs it under the schedule and checks it. Gives the world back through
   * `begin` as soon as it is made, so that its trace can be told if the run throws.
   */
  run(seed: number, schedule: FaultSchedule<F>, begin: (world: World) => void): Promise<void>;
}

export interface ExploreOptions {
  readonly firstSeed?: number;
  readonly seeds: number;
  /** Every n-th seed is run twice, and the hashes of the two traces must be equal. Default: 20. */
  readonly repeatEvery?: number;
  /** Runs that may be spent on making the schedule of a failure shorter. Default: 200. */
  readonly maxShrinkRuns?: number;
}

export interface Exploration {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly events: number;
}

/**
 * Runs many seeds. At the first failure it shortens the schedule as far as the failure goes with it, and
 * throws an error that holds the seed, the schedule and the end of the story; replay it with
 * `EVEROPEN_SEED=n`.
 */
export async function explore<F extends Fault>(
  scenario: Scenario<F>,
  options: ExploreOptions,
): Promise<Exploration> {
  const { firstSeed = 1, seeds, repeatEvery = 20, maxShrinkRuns = 200 } = options;
  let virtualMs = 0;
  let events = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const schedule = scenario.schedule(seed);
    const first = await attempt(scenario, seed, schedule);
    if (first.error !== undefined) throw await failure(scenario, seed, schedule, maxShrinkRuns);
    virtualMs += first.world?.nowMs ?? 0;
    events += first.world?.eventCount ?? 0;
    if ((seed - firstSeed) % repeatEvery === 0) {
      const second = await attempt(scenario, seed, schedule);
      if (first.world?.trace.hash() !== second.world?.trace.hash()) {
        throw new Error(
          `${scenario.name}: seed ${seed} ran differently the second time; something in it is not simulated`,
        );
      }
    }
  }
  return { seeds, virtualMs, events };
}

interface Attempt {
  readonly world: World | undefined;
  readonly error: unknown;
}

async function attempt<F extends Fault>(
  scenario: Scenario<F>,
  seed: number,
  schedule: FaultSchedule<F>,
): Promise<Attempt> {
  let world: World | undefined;
  try {
    await scenario.run(seed, schedule, (made) => void (world = made));
    return { world, error: undefined };
  } catch (error) {
    return { world, error: error ?? new Error('The run failed without an error') };
  }
}

async function failure<F extends Fault>(
  scenario: Scenario<F>,
  seed: number,
  schedule: FaultSchedule<F>,
  maxShrinkRuns: number,
): Promise<Error> {
  const fails = async (part: FaultSchedule<F>): Promise<boolean> =>
    (await attempt(scenario, seed, part)).error !== undefined;
  const shortest = await shrinkSchedule(schedule, fails, maxShrinkRuns);
  const { world, error } = await attempt(scenario, seed, shortest);
  const faults = shortest.map(({ atMs, fault }) => `  ${atMs.toFixed(3)} ms  ${describeFault(fault)}`);
  return new Error(
    [
      `${scenario.name}: seed ${seed} fails: ${error instanceof Error ? error.message : String(error)}`,
      `${shortest.length} of ${schedule.length} faults are enough:`,
      ...faults,
      'What happened:',
      world?.trace.story() ?? '(the world was never made)',
      `Replay: EVEROPEN_SEED=${seed}`,
    ].join('\n'),
    { cause: error },
  );
}

/**
 * Which seeds to run: `EVEROPEN_SEED=n` runs that one only; `EVEROPEN_SEEDS=n` runs n instead of the default.
 */
export function seedsFromEnvironment(
  defaultSeeds: number,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { firstSeed: number; seeds: number } {
  const one = environment['EVEROPEN_SEED'];
  if (one !== undefined && one !== '') return { firstSeed: wholeNumber('EVEROPEN_SEED', one), seeds: 1 };
  const many = environment['EVEROPEN_SEEDS'];
  if (many !== undefined && many !== '') return { firstSeed: 1, seeds: wholeNumber('EVEROPEN_SEEDS', many) };
  return { firstSeed: 1, seeds: defaultSeeds };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is not a whole number: ${text}`);
  return value;
}
