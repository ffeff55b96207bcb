import { seededRandom } from '@everopen/core';
import { expect, it } from 'vitest';
import { RaftCore } from './raft-core.ts';
import { foundingState } from './types.ts';

const configuration = { voters: [1, 2, 3, 4, 5], learners: [6] };
const LEADER = 3;
const ELECTION_TICKS = 10;

function followerOf(id: number): RaftCore {
  const core = new RaftCore({
    id,
    restored: foundingState(configuration),
    random: seededRandom(id),
    limits: { electionTicks: ELECTION_TICKS },
  });
  hear(core);
  return core;
}

function hear(core: RaftCore): void {
  const { id } = core.status;
  core.step({ type: 'heartbeat', from: LEADER, to: id, term: 1, commit: 0, round: 0, sentTo: 0 });
  const { persist } = core.takeReady();
  if (persist !== undefined) core.persisted(persist.seq);
}

function ticksUntilPreVote(core: RaftCore): number {
  for (let ticks = 1; ticks <= 3 * ELECTION_TICKS; ticks++) {
    core.tick();
    if (core.takeReady().messages.some(({ type }) => type === 'preVote')) return ticks;
  }
  return Infinity;
}

it('R2: voters whose leader is gone campaign in turn, within an election timeout', () => {
  const ticks = [4, 5, 1, 2].map((id) => {
    const core = followerOf(id);
    core.suspect(LEADER);
    return ticksUntilPreVote(core);
  });
  expect(ticks).toEqual([1, 3, 5, 7]);
});

it('a learner never campaigns, whoever is gone', () => {
  const core = followerOf(6);
  core.suspect(LEADER);
  expect(ticksUntilPreVote(core)).toBe(Infinity);
});

it('a leader that was suspected, and is heard from again, has its whole timeout again', () => {
  const core = followerOf(4);
  core.suspect(LEADER);
  core.step({ type: 'heartbeat', from: LEADER, to: 4, term: 1, commit: 0, round: 0, sentTo: 0 });
  expect(ticksUntilPreVote(core)).toBeGreaterThanOrEqual(ELECTION_TICKS);
});
