import { cryptoRandom, formatUuid, uuidV7 } from '@everopen/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RaftCluster, type ProductsClient } from './raft-cluster.ts';
import { GUITAR } from './shop-harness.ts';

const WRITERS = 8;
/** So short that a replica that missed a few hundred commands needs the whole state. */
const RETENTION = { checkpointCommands: 100, trailingEntries: 50 };

const newKey = (): string => formatUuid(uuidV7(Date.now(), cryptoRandom));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('the products database on three replicas over Raft', () => {
  let cluster: RaftCluster;
  beforeEach(async () => {
    cluster = await RaftCluster.start(3, RETENTION);
  });
  afterEach(() => cluster.dispose());

  const list = (client: ProductsClient, name: string, key = newKey()) =>
    client.listItem({ ...GUITAR, name }, { key });

  /** Writers at all replicas, each of which lists one item after the other; gives the names that were acknowledged. */
  function keepListing(): { acknowledged: Set<string>; stop(): Promise<void> } {
    const acknowledged = new Set<string>();
    let stopping = false;
    const writers = numbers(WRITERS).map(async (writer) => {
      const client = cluster.client();
      for (let i = 0; !stopping; i++) {
        const name = `item ${writer}/${i}`;
        await list(client, name);
        acknowledged.add(name);
      }
    });
    return {
      acknowledged,
      stop: async () => {
        stopping = true;
        await Promise.all(writers);
      },
    };
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async function namesAt(client: ProductsClient): Promise<Map<string, number>> {
    const names = new Map<string, number>();
    for await (const { name } of client.streamItems({ afterItemId: 0 })) {
      names.set(name, (names.get(name) ?? 0) + 1);
    }
    return names;
  }

  it('S4: any replica takes writes; any replica reads them, at a position and linearizably', async () => {
    for (const writer of cluster.members) {
      const { response, position } = await list(cluster.client([writer]), writer);
      const itemId = response.item?.itemId ?? 0;
      for (const reader of cluster.members) {
        const client = cluster.client([reader]);
        expect((await client.getItem({ itemId })).response.name).toBe(writer);
        expect((await client.getItem({ itemId }, { readAt: position })).response.name).toBe(writer);
      }
    }
    expect(new Set(await cluster.digests()).size).toBe(1);
  });

  it('status says who leads, in which term, and how far the log is committed', async () => {
    await list(cluster.client(), 'Guitar');
    const leader = await cluster.leader();
    await cluster.digests();
    const all = await Promise.all(cluster.members.map((member) => cluster.status(member)));
    for (const { member, engine, raft } of all) {
      expect(engine).toBe('raft');
      expect(raft).toMatchObject({ leader, role: member === leader ? 'leader' : 'follower' });
      expect(raft.term).toBe(all[0]?.raft.term);
      expect(raft.commit).toBeGreaterThan(0);
      expect(cluster.running.get(member)?.role()).toBe(raft.role);
    }
  });

  it('R1, R2: the leader crashes under writes: they go on, and no acknowledged one is lost or doubled', async () => {
    const writing = keepListing();
    await until(() => writing.acknowledged.size > 50);
    const victim = await cluster.leader();
    await cluster.crash(victim);
    const atCrash = writing.acknowledged.size;
    await until(() => writing.acknowledged.size > atCrash + 50);
    expect(await cluster.leader()).not.toBe(victim);
    await cluster.startReplica(victim);
    await writing.stop();
    expect(new Set(await cluster.digests()).size).toBe(1);
    for (const member of cluster.members) {
      const names = await namesAt(cluster.client([member]));
      expect([...names.keys()].toSorted()).toEqual([...writing.acknowledged].toSorted());
      expect([...names.values()].every((times) => times === 1)).toBe(true);
    }
  });

  it('R2: a follower crashes under writes and comes back: nobody notices, and it catches up', async () => {
    const leader = await cluster.leader();
    const follower = cluster.members.find((member) => member !== leader) as string;
    const writing = keepListing();
    await until(() => writing.acknowledged.size > 20);
    await cluster.crash(follower);
    const atCrash = writing.acknowledged.size;
    await until(() => writing.acknowledged.size > atCrash + 50);
    expect(await cluster.leader()).toBe(leader);
    await cluster.startReplica(follower);
    await writing.stop();
    expect(new Set(await cluster.digests()).size).toBe(1);
    expect((await namesAt(cluster.client([follower]))).size).toBe(writing.acknowledged.size);
  });

  it('R4: a replica that was away for longer than the log is kept is given the whole state', async () => {
    const leader = await cluster.leader();
    const away = cluster.members.find((member) => member !== leader) as string;
    await list(cluster.client(), 'before');
    const { applied } = await cluster.status(away);
    await cluster.crash(away);
    const client = cluster.client();
    await Promise.all(numbers(500).map((i) => list(client, `meanwhile ${i}`)));
    await untilAsync(async () => {
      const all = await Promise.all([...cluster.running.keys()].map((member) => cluster.status(member)));
      return all.every(({ raft }) => raft.first > applied + 1);
    });
    await cluster.startReplica(away);
    expect(new Set(await cluster.digests()).size).toBe(1);
    expect((await namesAt(cluster.client([away]))).size).toBe(501);
    // And it takes part: the two that are left are no majority without it.
    await cluster.crash(leader);
    await list(cluster.client([away]), 'after');
  });

  it('S4: a leader that is stopped politely hands leadership over first, and no call fails', async () => {
    const writing = keepListing();
    await until(() => writing.acknowledged.size > 20);
    const leader = await cluster.leader();
    await cluster.stop(leader);
    // Not soon: now.
    expect([...cluster.running.values()].map((replica) => replica.role())).toContain('leader');
    const atStop = writing.acknowledged.size;
    await until(() => writing.acknowledged.size > atStop + 20);
    await writing.stop();
  });

  it('R3: all crash and start again: everything is there, and keys are remembered', async () => {
    const key = newKey();
    const first = await list(cluster.client(), 'Guitar', key);
    const { digest, applied } = await cluster.status(await cluster.leader());
    await Promise.all(cluster.members.map((member) => cluster.crash(member)));
    await Promise.all(cluster.members.map((member) => cluster.startReplica(member)));
    const again = await list(cluster.client(), 'Guitar', key);
    expect(again.response).toEqual(first.response);
    expect((await namesAt(cluster.client())).get('Guitar')).toBe(1);
    const status = await cluster.status(await cluster.leader());
    expect(status.applied).toBeGreaterThanOrEqual(applied);
    if (status.applied === applied) expect(status.digest).toBe(digest);
  });

  it('R1: without a majority nothing is acknowledged; with it, the same key goes on', async () => {
    const leader = await cluster.leader();
    const others = cluster.members.filter((member) => member !== leader);
    await Promise.all(others.map((member) => cluster.crash(member)));
    const key = newKey();
    const lonely = list(cluster.client([leader], 3_000), 'Guitar', key);
    await expect(lonely).rejects.toMatchObject({
      code: expect.stringMatching(/^(NotReady|Unknown|DeadlineExceeded|NotCaughtUp)$/) as string,
    });
    await cluster.startReplica(others[0] as string);
    await list(cluster.client(), 'Guitar', key);
    expect([...(await namesAt(cluster.client()))]).toEqual([['Guitar', 1]]);
  });
});
