import { afterEach, expect, it } from 'vitest';
import type { SnapshotSource } from '../../src/engine/ordered-log.ts';
import type { RaftLogEngine, RaftLogOptions } from '../../src/index.ts';
import { eventually, TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.dispose());

it('R4: keeps a snapshot that was installed, until the state holds it', async () => {
  const { away } = await clusterThatForgot();
  const log = await cluster.start(away);
  await eventually(() => log.status().first > 1);
  // Of a state that has not heard of the snapshot yet.
  await log.trim(1);
  const events = log.committed(1)[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ kind: 'snapshot', position: 100 });
  await events.return?.();
});

it('R4: a leader of the past sends no snapshot in the name of its successor', async () => {
  const failures: unknown[] = [];
  let sources = 0;
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const { leader, away } = await clusterThatForgot(
    {
      snapshot: async () => {
        sources++;
        await released;
        return { position: 100, chunks: stateOf(cluster.log(leader)) };
      },
    },
    { onFailed: (error) => failures.push(error) },
  );
  const log = await cluster.start(away);
  await eventually(() => sources > 0);
  const successor = cluster.names.find((name) => name !== leader && name !== away) as string;
  cluster.log(leader).transferLeadership(successor);
  await eventually(() => log.status().details['leader'] === successor);
  release();
  // The successor forgot nothing.
  await eventually(() => log.status().committed === 100);
  expect(await log.submit(Buffer.from('after'))).toBe(101);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(failures).toEqual([]);
});

it('lets go of a state that it could not send', async () => {
  let held = 0;
  let released = 0;
  const { away } = await clusterThatForgot({
    snapshot: () => {
      held++;
      const chunks = {
        next: (): Promise<IteratorResult<Uint8Array>> => Promise.reject(new Error('The store was lost')),
        return: (): Promise<IteratorResult<Uint8Array>> => {
          released++;
          return Promise.resolve({ done: true, value: undefined });
        },
      };
      return Promise.resolve({ position: 100, chunks: { [Symbol.asyncIterator]: () => chunks } });
    },
  });
  await cluster.start(away);
  await eventually(() => held > 0 && released === held);
});

/** A member was away while the others ordered 100 commands, and forgot them. */
async function clusterThatForgot(
  source?: SnapshotSource,
  settings: Partial<RaftLogOptions> = {},
): Promise<{ leader: string; away: string }> {
  cluster = await TestCluster.create({
    members: 3,
    settings: { trailingEntries: 0, ...settings },
    snapshotsOf: (name) =>
      source ?? {
        snapshot: () =>
          Promise.resolve({
            position: cluster.log(name).status().committed,
            chunks: stateOf(cluster.log(name)),
          }),
      },
  });
  await cluster.startAll();
  const leader = await cluster.leader();
  const away = cluster.names.find((name) => name !== leader) as string;
  await cluster.log(leader).submit(Buffer.from('first'));
  await eventually(() => cluster.log(away).status().committed === 1);
  await cluster.stop(away);
  for (let n = 2; n <= 100; n++) await cluster.log(leader).submit(Buffer.from(`${n}`));
  await cluster.log(leader).trim(100);
  return { leader, away };
}

async function* stateOf(log: RaftLogEngine): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(`state at ${log.status().committed}`);
}
