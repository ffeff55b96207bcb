import { expect, it } from 'vitest';
import type { GroupMutations } from '../src/index.ts';
import { GroupWorld, type OrderingName, type Weather } from './group-world.ts';

const CALM: Weather = {
  members: 3,
  loss: 0,
  duplicate: 0,
  spikeMs: 0,
  spikeChance: 0,
  slowDisk: false,
  afterToken: 0,
  commandEveryMs: 1e9,
};

async function started(
  ordering: OrderingName,
  members: number,
  mutations: GroupMutations = {},
): Promise<GroupWorld> {
  const weather = { ...CALM, members };
  const group = new GroupWorld({ seed: 1, ordering, weather, schedule: [], stormMs: 0, mutations });
  for (const id of group.ids) group.start(id);
  expect(await group.world.runUntil(() => group.isWhole(), 2_000)).toBe(true);
  return group;
}

it.each(['token', 'sequencer'] as const)(
  'G16: a member that lost its disk gets the whole log and serves again (%s)',
  async (ordering) => {
    const group = await started(ordering, 3);
    for (let i = 0; i < 50; i++) group.submit(1 + (i % 3), `c${i}`);
    await group.world.run(group.world.nowMs + 200);
    group.apply({ kind: 'loseDisk', member: 2 });
    await group.world.run(group.world.nowMs + 600);
    group.submit(1, 'while it was away');
    group.start(2);
    expect(await group.world.runUntil(() => group.isWhole(), group.world.nowMs + 2_000)).toBe(true);
    await group.world.run(group.world.nowMs + 100);
    expect(group.processes.get(2)?.member.committed).toBe(51);
    group.submit(2, 'from the new one');
    await group.world.run(group.world.nowMs + 100);
    expect(group.log.history).toHaveLength(52);
  },
);

/** Members 1 and 2 know something that 3 does not; then 1 is away, and 2's disk is new. */
async function forgetful(ordering: OrderingName, mutations: GroupMutations): Promise<GroupWorld> {
  const group = await started(ordering, 3, mutations);
  group.submit(1, 'known to all');
  await group.world.run(group.world.nowMs + 100);
  group.apply({ kind: 'partition', groups: [[1, 2], [3]] });
  await group.world.run(group.world.nowMs + 1_000);
  group.submit(1, 'known to 1 and 2');
  await group.world.run(group.world.nowMs + 200);
  expect(group.log.answered).toBe(2);
  group.apply({ kind: 'powerFailure' });
  group.apply({ kind: 'heal' });
  group.apply({ kind: 'loseDisk', member: 2 });
  group.start(2);
  group.start(3);
  await group.world.run(group.world.nowMs + 1_500);
  return group;
}

it.each(['token', 'sequencer'] as const)(
  'G18: with a majority of the disks gone the group refuses, says whom it waits for, and has lost nothing (%s)',
  async (ordering) => {
    const group = await forgetful(ordering, {});
    for (const id of [2, 3]) {
      const member = group.processes.get(id)?.member;
      expect(member?.serving).toBe(false);
      expect(member?.status()['waitsFor']).toEqual([1, 2]);
    }
    group.start(1);
    expect(await group.world.runUntil(() => group.isWhole(), group.world.nowMs + 2_000)).toBe(true);
    group.submit(3, 'goes on');
    await group.world.run(group.world.nowMs + 200);
    expect(group.log.history).toEqual(['known to all', 'known to 1 and 2', 'goes on']);
  },
);

it('G18: it would lose something if new disks had a vote', async () => {
  const wrong = async (): Promise<void> => {
    const group = await forgetful('token', { amnesiacsVote: true });
    group.submit(3, 'takes its place');
    await group.world.run(group.world.nowMs + 500);
  };
  await expect(wrong()).rejects.toThrow(/D1|D3/);
});

it.each(['token', 'sequencer'] as const)(
  'G17: a minority refuses writes, and follows the majority when they meet again (%s)',
  async (ordering) => {
    const group = await started(ordering, 5);
    group.submit(1, 'before');
    await group.world.run(group.world.nowMs + 100);
    group.apply({
      kind: 'partition',
      groups: [
        [1, 2],
        [3, 4, 5],
      ],
    });
    await group.world.run(group.world.nowMs + 1_000);
    group.submit(1, 'asked of the minority');
    group.submit(4, 'asked of the majority');
    await group.world.run(group.world.nowMs + 500);
    expect(group.processes.get(1)?.member.serving).toBe(false);
    expect(group.log.history).toEqual(['before', 'asked of the majority']);
    group.apply({ kind: 'heal' });
    expect(await group.world.runUntil(() => group.isWhole(), group.world.nowMs + 4_000)).toBe(true);
    await group.world.run(group.world.nowMs + 200);
    expect(group.log.history).toEqual(['before', 'asked of the majority', 'asked of the minority']);
    for (const { member } of group.processes.values()) expect(member.committed).toBe(3);
  },
);

it.each(['token', 'sequencer'] as const)(
  'G14: writes resume after the crash of any one member (%s)',
  async (ordering) => {
    for (let victim = 1; victim <= 5; victim++) {
      const group = await started(ordering, 5);
      group.submit(1, 'before');
      await group.world.run(group.world.nowMs + 50);
      group.kill(victim, false);
      const survivor = 1 + (victim % 5);
      group.submit(survivor, 'after');
      const resumed = await group.world.runUntil(() => group.log.answered === 2, group.world.nowMs + 600);
      expect(resumed, `after the crash of ${victim}`).toBe(true);
    }
  },
);
