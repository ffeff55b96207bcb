import { isCodedError, seededRandom, type Random } from '@everopen/core';
import {
  crashCases,
  SimulatedClock,
  SimulatedDisk,
  World,
  type CrashCaseOptions,
  type DiskFault,
  type DiskOperation,
  type Volume,
} from '@everopen/simulation';
import { openWriteAheadLog, type WalMutations, type WriteAheadLog } from '../src/index.ts';
import { BrokenPromise, checkPromises, LogModel, type Promised } from './log-model.ts';

export const DIRECTORY = 'data/wal';
export const SEGMENT_BYTES = 4096;
const CHANGING = new Set(['create', 'write', 'truncate', 'sync', 'rename', 'remove', 'syncDirectory']);

/** A place in a run at which the power may fail. */
export interface CrashPoint {
  readonly name: string;
  readonly volume: Volume;
  readonly promised: Promised;
}

export interface Run {
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly model: LogModel;
  readonly random: Random;
  readonly mutations: WalMutations;
  log: WriteAheadLog;
}

/** What a program does with its log. Every await in it is one at which it may die. */
export type Script = (run: Run) => Promise<void>;

let boots = 0;

/** Opens the log of a run (again), as a new process would. */
export async function open(run: Omit<Run, 'log'>): Promise<WriteAheadLog> {
  const log = await openWriteAheadLog(run.disk.mount(), {
    directory: DIRECTORY,
    segmentBytes: SEGMENT_BYTES,
    clock: new SimulatedClock(run.world),
    random: seededRandom(run.disk.volume.paths().length + run.model.promised().steps.length * 1000),
    owner: { name: `boot-${boots++}`, isAlive: () => false },
    mutations: run.mutations,
  });
  run.model.attach(log);
  return log;
}

/** Runs a script and gives every point at which the power may fail in it. */
export async function record(
  script: Script,
  seed: number,
  mutations: WalMutations = {},
  inject?: (operation: DiskOperation) => DiskFault | undefined,
): Promise<{ points: CrashPoint[]; operations: number; failed: unknown }> {
  const points: CrashPoint[] = [];
  const world = new World({ seed });
  const disk = new SimulatedDisk({ world });
  const model = new LogModel();
  let operations = 0;
  disk.inject = inject;
  disk.observe = ({ kind, path, index }) => {
    operations++;
    if (CHANGING.has(kind)) {
      points.push({
        name: `before call ${index}, ${kind} ${path}`,
        volume: disk.volume.clone(),
        promised: model.promised(),
      });
    }
  };
  let failed: unknown;
  world.spawn(async () => {
    const run = { world, disk, model, random: seededRandom(seed), mutations };
    try {
      await script({ ...run, log: await open(run) });
    } catch (error) {
      failed = error;
    }
    world.stop();
  });
  await world.run(3_600_000);
  points.push({ name: 'at the end', volume: disk.volume.clone(), promised: model.promised() });
  return { points, operations, failed };
}

/** Lets the power fail at a point in every way, recovers, and checks. Gives the number of states checked. */
export async function checkPoint(
  point: CrashPoint,
  seed: number,
  options: CrashCaseOptions & { mutations?: WalMutations; again?: boolean } = {},
): Promise<number> {
  const { mutations = {}, again = false } = options;
  let states = 0;
  const check = async (name: string, volume: Volume, depth: Depth): Promise<void> => {
    states++;
    try {
      states += await recoverAndCheck(volume, point.promised, mutations, depth, seed);
    } catch (error) {
      throw broken(`Power fails ${point.name}; ${name}`, error);
    }
  };
  for (const { name, fates } of crashCases(point.volume.changesAtRisk(), seededRandom(seed), options)) {
    await check(name, point.volume.afterPowerFailure(fates), again ? 'every step' : 'once');
  }
  await check('only the process dies', point.volume.clone(), again ? 'every step' : 'and its end');
  return states;
}

/** Whether the power fails again: not at all, right after the recovery, or before each of its steps as well. */
type Depth = 'once' | 'and its end' | 'every step';

/** Recovers and checks, and appends one record more. */
async function recoverAndCheck(
  volume: Volume,
  promised: Promised,
  mutations: WalMutations,
  depth: Depth,
  seed: number,
): Promise<number> {
  const disk = new SimulatedDisk({ volume });
  const during: Volume[] = [];
  if (depth === 'every step')
    disk.observe = ({ kind }) => void (CHANGING.has(kind) && during.push(disk.volume.clone()));
  const run = {
    world: new World({ seed }),
    disk,
    model: new LogModel(),
    random: seededRandom(seed),
    mutations,
  };
  const log = await open(run);
  const recovered = await checkPromises(log, promised);
  const afterRecovery = disk.volume.clone();
  const next = new LogModel(recovered);
  next.attach(log);
  await log.whenDurable(next.append(100));
  if (depth === 'once') return 0;
  const { steps, forgotten } = next.promised();
  const crashes: [Volume, Promised][] = [
    [afterRecovery, recovered],
    [disk.volume, next.promised()],
    ...during.map((crashed): [Volume, Promised] => [
      crashed,
      { steps, forgotten, atLeast: promised.atLeast },
    ]),
  ];
  let states = 0;
  for (const [crashed, then] of crashes) {
    const few = { randomTears: 2, randomSubsets: 2 };
    for (const { name, fates } of crashCases(crashed.changesAtRisk(), seededRandom(seed), few)) {
      states++;
      try {
        await recoverAndCheck(crashed.afterPowerFailure(fates), then, mutations, 'once', seed);
      } catch (error) {
        throw broken(`and again during recovery; ${name}`, error);
      }
    }
  }
  return states;
}

/** Says where a promise was broken: a wrong record, or a refusal. Any other error is a fault of the code. */
function broken(where: string, error: unknown): unknown {
  if (!(error instanceof BrokenPromise) && !isCodedError(error)) return error;
  return new BrokenPromise(`${where}: ${error.message}`, { cause: error });
}
