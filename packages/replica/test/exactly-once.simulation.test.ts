import { explore, seedsFromEnvironment } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import type { ReplicaMutations } from '../src/replicated/mutations.ts';
import { exactlyOnce } from './exactly-once-world.ts';

const MUTANT_SEEDS_MAX = 200;

describe('a replica that is killed at random points', () => {
  it('executes every acknowledged command exactly once, and repeats its answers', async () => {
    const explored = await explore(exactlyOnce(), seedsFromEnvironment(40));
    expect(explored.seeds).toBeGreaterThan(0);
  });

  const mutants: readonly (keyof ReplicaMutations)[] = [
    'answersNotStored',
    'answersNotInSnapshot',
    'rowsBeforePosition',
    'positionBeforeRows',
    'keyAfterEffect',
    'keepRefusedEffects',
    'forgetRefusals',
    'trimBeforeCheckpoint',
    'answerBeforeCommit',
  ];
  it.each(mutants)('would be caught with the bug %s', async (mutation) => {
    const mutant = exactlyOnce({ [mutation]: true });
    await expect(
      explore(mutant, { seeds: MUTANT_SEEDS_MAX, repeatEvery: MUTANT_SEEDS_MAX, maxShrinkRuns: 0 }),
    ).rejects.toThrow('exactly once: seed');
  });
});
