import { describe, expect, it } from 'vitest';
import type { RaftMutations } from '../src/index.ts';
import type { Emphasis } from './simulation/draw-mix.ts';
import { runSeed } from './simulation/random-run.ts';

interface Mutant {
  readonly mutations: RaftMutations;
  readonly seeds: number;
  readonly emphasis?: Emphasis;
}

/** Each deliberate fault, and in how many seeds the simulator must have noticed it. */
const MUTANTS: readonly Mutant[] = [
  { mutations: { votesBeforePersist: true }, seeds: 20 },
  { mutations: { voteRequestsBeforePersist: true }, seeds: 20 },
  { mutations: { forgetsVote: true }, seeds: 20 },
  { mutations: { forgetsTerm: true }, seeds: 20 },
  { mutations: { votesTwice: true }, seeds: 100 },
  { mutations: { votesForOutdatedLogs: true }, seeds: 500 },
  { mutations: { acknowledgesBeforeDurable: true }, seeds: 20 },
  { mutations: { countsItselfBeforeDurable: true }, seeds: 100 },
  { mutations: { commitsOldTerms: true }, seeds: 8_000, emphasis: { crash: 2, cutOffMember: 1 } },
  { mutations: { alwaysTruncates: true }, seeds: 500 },
  // Logs are compared from where they differ, so that only a leader that looks too low can show this one.
  { mutations: { commitsUnmatched: true, probesLow: true }, seeds: 500 },
  { mutations: { heartbeatCommitsUnmatched: true }, seeds: 100 },
  { mutations: { persistCountsAfterTruncation: true }, seeds: 500 },
  { mutations: { keepsMatchedInNewTerm: true }, seeds: 1_000 },
  { mutations: { acceptsOldTerms: true }, seeds: 1_000 },
  { mutations: { readsBeforeOwnCommit: true }, seeds: 100 },
  { mutations: { readsWithoutQuorum: true }, seeds: 2_000 },
  { mutations: { overlapsConfigurations: true }, seeds: 100 },
  {
    mutations: { changesBeforeOwnCommit: true },
    seeds: 10_000,
    emphasis: { membership: 20, campaign: 2, loss: 2 },
  },
  { mutations: { ignoresSnapshotConfiguration: true }, seeds: 500 },
  { mutations: { appliesUndurable: true }, seeds: 3_000 },
  { mutations: { neverGivesUpTransfer: true }, seeds: 5_000, emphasis: { transfer: 6 } },
  { mutations: { neverRepeatsAcknowledgement: true }, seeds: 5_000, emphasis: { loss: 2 } },
  { mutations: { ignoresLostAppends: true }, seeds: 500 },
  { mutations: { leadsWithoutQuorum: true }, seeds: 3_000 },
];

describe('the simulator notices a member that', () => {
  it.each(MUTANTS)('$mutations', ({ mutations, seeds, emphasis }) => {
    const caught = firstSeedThatFails(mutations, seeds, emphasis);
    expect(caught, `no violation in ${seeds} seeds`).toBeDefined();
    console.log(Object.keys(mutations)[0], caught);
  });

  it('but does not mind one that only looks for agreement from the beginning of the log', () => {
    expect(firstSeedThatFails({ probesLow: true }, 300)).toBeUndefined();
  });
});

function firstSeedThatFails(
  mutations: RaftMutations,
  seeds: number,
  emphasis?: Emphasis,
): string | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      runSeed(seed, { mutations, ...(emphasis === undefined ? {} : { emphasis }) });
    } catch (error) {
      return `${seed}: ${(error as Error).message}`;
    }
  }
  return undefined;
}
