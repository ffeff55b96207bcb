import { afterEach, expect, it } from 'vitest';
import { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.dispose());

it('a follower that is given more than it can hand on refuses the rest, and loses its leader for none', async () => {
  cluster = await TestCluster.create({ members: 3, settings: { waitMsMax: 30_000 } });
  await cluster.startAll();
  const leader = await cluster.leader();
  const follower = cluster.names.find((name) => name !== leader) as string;
  const command = Buffer.alloc(20_000);
  const outcomes = await Promise.all(
    Array.from({ length: 2_000 }, () =>
      cluster
        .log(follower)
        .submit(command)
        .then(
          () => 'ordered',
          (error: { code: string }) => error.code,
        ),
    ),
  );
  expect([...new Set(outcomes)].sort()).toEqual(['Overloaded', 'ordered']);
  await cluster.log(follower).submit(command);
});
