import { expect, it } from 'vitest';
import type { DiskFault, DiskOperation } from '@everopen/simulation';
import type { WalMutations } from '../src/index.ts';
import { checkPoint, record } from './crash-points.ts';
import { BrokenPromise } from './log-model.ts';
import { everything } from './scripts.ts';

const MAX_SEEDS = 20;
const SAMPLE = { randomTears: 2, randomSubsets: 2 };

/** Every few syncs of segments one fails, for the bugs that need that. */
function failingSyncs(seed: number): (operation: DiskOperation) => DiskFault | undefined {
  let syncs = 0;
  return ({ kind, path }) =>
    kind === 'sync' && path.endsWith('.wal') && ++syncs % (5 + seed) === 0 ? { errno: 'EIO' } : undefined;
}

const MUTANTS: readonly (keyof WalMutations)[] = [
  'ignoreChecksum',
  'skipDirectorySync',
  'nameBeforeContents',
  'retryFailedSync',
  'ignoreFailedSync',
  'acknowledgeBeforeSync',
  'keepTornTail',
  'trustPageCache',
  'removeBeforeMark',
  'acknowledgeTruncationEarly',
];

it.each(MUTANTS)('a log with the bug "%s" is found out', async (mutant) => {
  const found = await hunt({ [mutant]: true }, mutant === 'retryFailedSync' || mutant === 'ignoreFailedSync');
  expect(found, `${mutant} was not caught in ${MAX_SEEDS} seeds`).toBeDefined();
  console.log(`${mutant}: ${found}`);
});

/** The first promise that a mutant breaks. */
async function hunt(mutations: WalMutations, needsFailingSync: boolean): Promise<string | undefined> {
  for (let seed = 1; seed <= MAX_SEEDS; seed++) {
    const inject = needsFailingSync ? failingSyncs(seed) : undefined;
    const { points } = await record(everything(20), seed, mutations, inject);
    for (const [at, point] of points.entries()) {
      try {
        await checkPoint(point, seed, { ...SAMPLE, mutations, again: at % 40 === 0 });
      } catch (error) {
        if (error instanceof BrokenPromise) return `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
  }
  return undefined;
}
