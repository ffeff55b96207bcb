import { CodedError } from '@everopen/core';
import { describe, expect, it } from 'vitest';
import { change, newKey, newSite } from '../../test/toy-site.ts';
import { soloLog } from '../log/solo/solo-log.ts';
import type { LogEvent, OrderedLog, SnapshotSource } from '../log/ordered-log.ts';
import { ENTRIES, toyCommand } from '../testing/toy-machine.ts';
import type { StoreQuery } from '../state/schema.ts';
import type { ReplicaOptions } from './replica-options.ts';

const ENTRIES_OF: StoreQuery<readonly [string]> = {
  name: 'entries of an account',
  sql: 'SELECT position, amount FROM entries WHERE name = ? ORDER BY position',
  reference: (rows, [name]) =>
    rows(ENTRIES.name)
      .filter((row) => row['name'] === name)
      .map(({ position, amount }) => ({ position: position ?? 0, amount: amount ?? 0 })),
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('a replica', () => {
  it('executes commands, and reads its own writes', async () => {
    const site = newSite();
    const replica = await site.start();
    const { result, position } = await replica.execute(change('ann', 10));
    expect(text(result)).toBe('10');
    await replica.execute(change('ann', 5));
    const read = await replica.read({ level: 'linearizable' }, ({ nowMs }) => [site.balance('ann'), nowMs]);
    expect(read.value[0]).toBe(15);
    expect(Math.abs((read.value[1] ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(read.position).toBeGreaterThan(position);
    const { rows } = await replica.query({ level: 'linearizable' }, ENTRIES_OF, ['ann']);
    expect(rows.map((row) => row['amount'])).toEqual([10, 5]);
  });

  it('executes a command once, however often it is asked to, also after a restart', async () => {
    const site = newSite();
    const key = newKey();
    let replica = await site.start();
    const first = await replica.execute(change('ann', 10, key));
    expect(await replica.execute(change('ann', 10, key))).toEqual(first);
    await replica.close();
    replica = await site.start();
    expect(await replica.execute(change('ann', 10, key))).toEqual(first);
    site.powerFailure();
    replica = await site.start();
    expect(await replica.execute(change('ann', 10, key))).toEqual(first);
    expect(site.balance('ann')).toBe(10);
  });

  it('remembers refusals, and undoes what a refused command did', async () => {
    const site = newSite();
    let replica = await site.start();
    const key = newKey();
    const refusal = { code: 'NotEnough', message: 'ann has 0', details: { left: 0 } };
    await expect(replica.execute(change('ann', -5, key))).rejects.toMatchObject(refusal);
    expect(site.balance('ann')).toBeUndefined();
    await replica.execute(change('ann', 100));
    await expect(replica.execute(change('ann', -5, key))).rejects.toMatchObject(refusal);
    await replica.close();
    replica = await site.start();
    await expect(replica.execute(change('ann', -5, key))).rejects.toMatchObject(refusal);
    expect(site.balance('ann')).toBe(100);
  });

  it('refuses keys that are reused, too old, from the future, or no UUIDv7', async () => {
    const replica = await newSite().start();
    const key = newKey();
    await replica.execute(change('ann', 1, key));
    const cases: [Uint8Array, string][] = [
      [key, 'KeyReused'],
      [newKey(-24 * 3_600_000 - 60_000), 'KeyExpired'],
      [newKey(11 * 60_000), 'InvalidArgument'],
      [new Uint8Array(16), 'InvalidArgument'],
    ];
    for (const [each, code] of cases) {
      await expect(replica.execute(change('ann', 2, each))).rejects.toMatchObject({ code });
    }
    await expect(replica.execute(change('ann', 2, newKey(11 * 60_000)))).rejects.toMatchObject({
      details: { field: 'idempotency-key' },
    });
  });

  it('lets the caller say what the same request is', async () => {
    const replica = await newSite().start();
    const once = { key: newKey(), owner: 'o', fingerprint: new Uint8Array(16).fill(7) };
    const first = await replica.execute({ payload: toyCommand({ name: 'ann', amount: 1 }), once });
    const again = await replica.execute({ payload: toyCommand({ name: 'ann', amount: 2 }), once });
    expect(again).toEqual(first);
  });

  it('starts where its store is, and replays the rest of the log', async () => {
    const site = newSite();
    let replica = await site.start({ limits: { checkpointCommands: 1_000_000 } });
    for (let i = 0; i < 30; i++) await replica.execute(change(`n${i % 7}`, i));
    await replica.checkpoint();
    for (let i = 0; i < 30; i++) await replica.execute(change(`n${i % 7}`, i));
    const { digest, applied } = replica.status();
    site.powerFailure();
    replica = await site.start();
    await replica.read({ level: 'linearizable' }, () => 0);
    expect(replica.status()).toMatchObject({ digest, applied });
  });

  it('trims the log once the store is durable', async () => {
    const site = newSite();
    const replica = await site.start();
    for (let i = 0; i < 40; i++) {
      await replica.execute({ payload: toyCommand({ name: 'x'.repeat(8000), amount: i }) });
    }
    await replica.checkpoint();
    expect(replica.status().log.first).toBeGreaterThan(1);
    expect(replica.status().stored).toBe(replica.status().applied);
  });

  it('gives session reads what they have seen, and tells when it has not caught up', async () => {
    const replica = await newSite().start({ limits: { readWaitMsMax: 20 } });
    const { position } = await replica.execute(change('ann', 1));
    const consistency = replica.parsePositionToken(replica.positionToken(position));
    expect(consistency).toEqual({ level: 'session', atLeast: position });
    await replica.read(consistency, () => 0);
    await replica.query(consistency, ENTRIES_OF, ['ann']);
    const ahead = { level: 'session', atLeast: position + 1000 } as const;
    await expect(replica.read(ahead, () => 0)).rejects.toMatchObject({ code: 'NotCaughtUp' });
    await expect(replica.query(ahead, ENTRIES_OF, ['x'])).rejects.toMatchObject({ code: 'NotCaughtUp' });
    expect(replica.parsePositionToken('2:99')).toEqual({ level: 'linearizable' });
    for (const bad of ['', '3', '3:', '-1:2', '3:1e3', 'x:1', '3:99999999999999999999']) {
      expect(() => replica.parsePositionToken(bad)).toThrow(
        expect.objectContaining({ code: 'InvalidArgument' }),
      );
    }
  });

  it('refuses more work than it has room for', async () => {
    const replica = await newSite().start({ limits: { commandsWaitingMax: 5, payloadBytesMax: 1000 } });
    await replica.execute(change('ann', 1));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => replica.execute(change('ann', 1))),
    );
    const refused = outcomes.filter((each) => each.status === 'rejected');
    expect(refused).toHaveLength(15);
    for (const each of refused) expect((each.reason as CodedError).code).toBe('Overloaded');
    const long = replica.execute({ payload: new Uint8Array(1001) });
    await expect(long).rejects.toMatchObject({ code: 'PayloadTooLarge' });
  });

  it('stops at a bug of the machine rather than guess, and says so once', async () => {
    const site = newSite();
    const replica = await site.start();
    await replica.execute(change('ann', 1));
    const bug = replica.execute({ payload: toyCommand({ name: 'ann', amount: 1, bug: true }) });
    await expect(bug).rejects.toMatchObject({ code: 'Unknown' });
    expect(site.fatal).toMatchObject([{ message: 'a bug in the machine' }]);
    await expect(replica.execute(change('ann', 1))).rejects.toMatchObject({ code: 'NotReady' });
    await expect(replica.read({ level: 'linearizable' }, () => 0)).rejects.toMatchObject({
      code: 'NotReady',
    });
  });

  it('stops when its store fails', async () => {
    const site = newSite();
    const failing: ReplicaOptions['store'] = async (context) => {
      const store = await site.store.open(context);
      return Object.assign(Object.create(store) as typeof store, {
        write: () => Promise.reject(new Error('EIO')),
      });
    };
    const replica = await site.start({ store: failing });
    await replica.execute(change('ann', 1)).catch(() => undefined);
    await expect.poll(() => site.fatal).toMatchObject([{ message: 'EIO' }]);
    await expect(replica.execute(change('ann', 1))).rejects.toMatchObject({ code: 'NotReady' });
  });

  it('waits for room when the disk of its store is full, and can be closed meanwhile', async () => {
    const site = newSite();
    let full = true;
    let refused = 0;
    const replica = await site.start({
      store: async (context) => {
        const store = await site.store.open(context);
        const write: typeof store.write = (position, changes) =>
          full && ++refused > 0
            ? Promise.reject(new CodedError('DiskFull', 'no room'))
            : store.write(position, changes);
        return Object.assign(Object.create(store) as typeof store, { write });
      },
    });
    await replica.execute(change('ann', 1));
    await expect.poll(() => refused).toBeGreaterThan(0);
    expect(replica.status().stored).toBe(0);
    await replica.execute(change('ann', 1));
    full = false;
    await expect.poll(() => replica.status().stored, { timeout: 5000 }).toBe(replica.status().applied);
    full = true;
    await replica.execute(change('ann', 1));
    await replica.close();
    expect(site.fatal).toEqual([]);
    await site.start();
    expect(site.balance('ann')).toBe(2);
    await site.replica?.read({ level: 'linearizable' }, () => 0);
    expect(site.balance('ann')).toBe(3);
  });

  it('raises the feature level by a command, and stops at one that it does not know', async () => {
    const site = newSite();
    let replica = await site.start({ featureLevelMax: 2 });
    await replica.raiseFeatureLevel(2);
    await replica.raiseFeatureLevel(1);
    expect(replica.status().featureLevel).toBe(2);
    await replica.close();
    replica = await site.start({ featureLevelMax: 2 });
    expect(replica.status().featureLevel).toBe(2);
    for (const unknown of [3, -1, 1.5, Number.NaN]) {
      await expect(replica.raiseFeatureLevel(unknown)).rejects.toMatchObject({
        code: 'InvalidArgument',
        details: { field: 'level' },
      });
    }
    expect(site.fatal).toEqual([]);
  });

  it('refuses to run under a feature level that it does not know, from the log or from its store', async () => {
    const site = newSite();
    const newer = await site.start({ featureLevelMax: 2 });
    await newer.raiseFeatureLevel(2);
    const { position } = await newer.execute(change('ann', 1));
    await expect.poll(() => newer.status().stored).toBeGreaterThanOrEqual(position);
    await newer.close();
    await expect(site.start({ featureLevelMax: 1 })).rejects.toMatchObject({ code: 'Corrupt' });
    site.powerFailure(); // never checkpointed: the store is empty, and the level is in the log
    await site.start({ featureLevelMax: 1 });
    await expect.poll(() => site.fatal).toMatchObject([{ code: 'Corrupt' }]);
  });

  it('refuses to start on a store whose rows are not what was stored', async () => {
    const site = newSite();
    const replica = await site.start();
    await replica.execute(change('ann', 1));
    await replica.close();
    const tampered: ReplicaOptions['store'] = async (context) => {
      const store = await site.store.open(context);
      const table = context.tables.find(({ name }) => name === 'accounts');
      const row = { name: 'ann', balance: 1_000_000, changes: 1 };
      if (table !== undefined) await store.write(store.position, [{ table, key: ['ann'], row }]);
      return store;
    };
    await expect(site.start({ store: tampered })).rejects.toMatchObject({ code: 'Corrupt' });
  });

  it('gives a snapshot to a peer, which then has the same state and answers', async () => {
    const giver = newSite();
    const key = newKey();
    let source: SnapshotSource | undefined;
    const giving = await giver.start({
      log: async (context) => {
        source = context.snapshots;
        return soloLog({ member: 'a', disk: giver.disk.mount(), wal: { directory: '/data/log' } })();
      },
    });
    const first = await giving.execute(change('ann', 10, key));
    for (let i = 0; i < 20; i++) await giving.execute(change(`n${i}`, i));
    const { applied, digest } = giving.status();
    const taken = await (source as SnapshotSource).snapshot(applied);
    const chunks: Uint8Array[] = [];
    for await (const chunk of taken.chunks) chunks.push(chunk);

    const taker = newSite();
    const damaged = chunks.map((chunk) => Uint8Array.from(chunk));
    (damaged[0] as Uint8Array)[100] = 0xff ^ ((damaged[0] as Uint8Array)[100] as number);
    await taker.start({ log: async () => scriptedLog(snapshotEvent(taken.position, damaged)) });
    await expect.poll(() => taker.fatal.length).toBe(1);
    expect(taker.fatal).toMatchObject([{ code: 'Corrupt' }]);
    expect(taker.machine.accounts.size).toBe(0);
    await taker.replica?.close();

    const log = scriptedLog(snapshotEvent(taken.position, chunks));
    const taking = await taker.start({ log: async () => log });
    await taking.read({ level: 'session', atLeast: taken.position }, () => 0);
    expect(taking.status()).toMatchObject({ applied: taken.position, stored: taken.position, digest });
    expect(taker.balance('ann')).toBe(10);
    await taking.close();
    const restarted = await taker.start({ log: async () => scriptedLog() });
    expect(restarted.status()).toMatchObject({ applied: taken.position, digest });
    await restarted.close();
    expect(await giving.execute(change('ann', 10, key))).toEqual(first);
  });
});

function snapshotEvent(position: number, chunks: readonly Uint8Array[]): LogEvent {
  return {
    kind: 'snapshot',
    position,
    chunks: (async function* () {
      for (const chunk of chunks) yield chunk;
    })(),
  };
}

/** A log that delivers what it is told, and takes nothing. */
function scriptedLog(...events: LogEvent[]): OrderedLog {
  let end: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    submit: () => new Promise(() => {}),
    async *committed() {
      yield* events;
      await ended;
    },
    readPoint: async () => 0,
    trim: async () => {},
    status: () => ({ engine: 'scripted', member: 'b', ready: false, committed: 0, first: 1, details: {} }),
    close: async () => end?.(),
  };
}
