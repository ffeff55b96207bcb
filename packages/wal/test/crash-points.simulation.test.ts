import { expect, it } from 'vitest';
import { seedsFromEnvironment } from '@everopen/simulation';
import { checkPoint, record } from './crash-points.ts';
import { everything } from './scripts.ts';

const DEFAULT_SEEDS = 40;
const wanted = seedsFromEnvironment(DEFAULT_SEEDS);
/** A seed here is as much work as forty elsewhere. */
const seeds = Math.ceil(wanted.seeds / DEFAULT_SEEDS);
const { firstSeed } = wanted;
const TIMEOUT_MS = 240_000 * seeds;
const SAMPLE = { randomTears: 3, randomSubsets: 8 };
const POINTS_PER_SECOND_CRASH = 80;

it(
  'R6: wherever the power fails, recovery keeps every acknowledged record and invents none',
  async () => {
    let states = 0;
    let points = 0;
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const run = await record(everything(80), seed);
      if (run.failed) throw run.failed;
      for (const point of run.points) {
        const again = points++ % POINTS_PER_SECOND_CRASH === 0;
        states += await checkPoint(point, seed, { ...SAMPLE, again });
      }
    }
    console.log(`${points} points, ${states} states after a power failure`);
    expect(points).toBeGreaterThan(300 * seeds);
    expect(states).toBeGreaterThan(24_000 * seeds);
  },
  TIMEOUT_MS,
);
