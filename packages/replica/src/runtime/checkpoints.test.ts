import { CodedError, silentLogger } from '@everopen/core';
import { SimulatedClock, World } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import type { OrderedLog } from '../log/ordered-log.ts';
import type { Store } from '../store/store.ts';
import { Checkpoints } from './checkpoints.ts';

const INTERVAL_MS = 1000;

/** A store whose checkpoints take 100 ms and come to what `outcomes` says, one after the other. */
function checkpointsOf(world: World, outcomes: (number | CodedError)[]) {
  const trims: [atMs: number, upTo: number][] = [];
  const fatal: unknown[] = [];
  const checkpoints = new Checkpoints({
    store: {
      position: 0,
      checkpoint: async () => {
        await world.sleep(100);
        const outcome = outcomes.shift() ?? 0;
        if (outcome instanceof CodedError) throw outcome;
        return outcome;
      },
    } as unknown as Store,
    log: { trim: async (upTo: number) => void trims.push([world.nowMs, upTo]) } as unknown as OrderedLog,
    clock: new SimulatedClock(world),
    logger: silentLogger,
    commandsMax: 100,
    bytesMax: 1_000_000,
    intervalMs: INTERVAL_MS,
    onFatal: (error) => fatal.push(error),
    mutations: {},
  });
  return { checkpoints, trims, fatal };
}

describe('checkpoints', () => {
  it('come a while after the last command, and not without one', async () => {
    const world = new World({ seed: 1 });
    const { checkpoints, trims } = checkpointsOf(world, [7, 8]);
    checkpoints.applied(1, 10);
    await world.run(10 * INTERVAL_MS);
    expect(trims).toEqual([[INTERVAL_MS + 100, 7]]);
  });

  it('come at once after many commands, and later for what was applied meanwhile', async () => {
    const world = new World({ seed: 1 });
    const { checkpoints, trims } = checkpointsOf(world, [7, 8]);
    checkpoints.applied(100, 10);
    world.after(50, () => checkpoints.applied(1, 10));
    await world.run(10 * INTERVAL_MS);
    expect(trims).toEqual([
      [100, 7],
      [INTERVAL_MS + 100, 8],
    ]);
  });

  it('are tried again when the disk was full, without a further command', async () => {
    const world = new World({ seed: 1 });
    const { checkpoints, trims, fatal } = checkpointsOf(world, [new CodedError('DiskFull', 'no room'), 7]);
    checkpoints.applied(100, 10);
    await world.run(10 * INTERVAL_MS);
    expect(trims).toEqual([[INTERVAL_MS + 100, 7]]);
    expect(fatal).toEqual([]);
  });
});
