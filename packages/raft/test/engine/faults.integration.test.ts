import { connect } from 'node:net';
import { SimulatedDisk } from '@everopen/simulation';
import { afterEach, describe, expect, it } from 'vitest';
import type { LogEvent, RaftLogEngine } from '../../src/index.ts';
import { eventually, TestCluster, type TestClusterOptions } from './test-cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.dispose());

async function started(options: TestClusterOptions): Promise<string> {
  cluster = await TestCluster.create(options);
  await cluster.startAll();
  return cluster.leader();
}

describe('a cluster', () => {
  it('R1 R2: loses no acknowledged command when its leader stops, and goes on', async () => {
    const leader = await started({ members: 5 });
    const acknowledged = new Map<number, string>();
    const submitters = followersOf(leader).map(async (name, i) => {
      for (let n = 0; n < 100; n++) {
        const text = `${name} ${n}`;
        const outcome = await cluster
          .log(name)
          .submit(Buffer.from(text))
          .then(...settled);
        if (typeof outcome === 'number') acknowledged.set(outcome, text);
        else expect(outcome).toBe('Unknown');
        if (i === 0 && n === 20) void cluster.stop(leader);
      }
    });
    await Promise.all(submitters);
    expect(acknowledged.size).toBeGreaterThan(300);
    for (const name of followersOf(leader)) {
      const texts = await commandsOf(cluster.log(name), Math.max(...acknowledged.keys()));
      for (const [position, text] of acknowledged) expect(texts[position - 1]).toBe(text);
    }
  });

  it('R3: has everything again after all of it was stopped', async () => {
    const leader = await started({ members: 3 });
    const positions = await Promise.all(
      numbered(50).map((text) => cluster.log(leader).submit(Buffer.from(text))),
    );
    await Promise.all(cluster.names.map((name) => cluster.stop(name)));
    await cluster.startAll();
    await cluster.leader();
    for (const log of cluster.logs.values()) {
      expect(await log.readPoint()).toBe(Math.max(...positions));
      expect(await commandsOf(log, 50)).toEqual(numbered(50));
    }
  });

  it('R2: takes no command without a majority, and says that it surely did not', async () => {
    const leader = await started({ members: 3, settings: { waitMsMax: 600 } });
    const [first, second] = followersOf(leader) as [string, string];
    await cluster.stop(leader);
    await cluster.stop(second);
    await eventually(() => cluster.log(first).status().details['leader'] === null);
    await expect(cluster.log(first).submit(Buffer.from('x'))).rejects.toMatchObject({ code: 'NotReady' });
    await expect(cluster.log(first).readPoint()).rejects.toMatchObject({ code: 'NotReady' });
  });

  it('R4: streams its state to a member that was away for too long', async () => {
    const state = Buffer.alloc(3_000_000, 'state');
    const snapshotsOf = (
      name: string,
    ): { snapshot(): Promise<{ position: number; chunks: AsyncIterable<Uint8Array> }> } => ({
      snapshot: async () => ({
        position: cluster.log(name).status().committed,
        chunks: chunked(state, 700_000),
      }),
    });
    const leader = await started({ members: 3, settings: { trailingEntries: 0 }, snapshotsOf });
    const [away, other] = followersOf(leader) as [string, string];
    await cluster.log(leader).submit(Buffer.from('c0'));
    await cluster.stop(away);
    for (const text of numbered(100).slice(1)) await cluster.log(leader).submit(Buffer.from(text));
    await eventually(() => cluster.log(other).status().committed === 100);
    await cluster.log(leader).trim(100);
    expect(cluster.log(leader).status().first).toBe(101);

    const events = (await cluster.start(away)).committed(1)[Symbol.asyncIterator]();
    const first = await nextOf(events);
    expect(first).toMatchObject({ kind: 'snapshot', position: 100 });
    if (first.kind === 'snapshot') expect((await collected(first.chunks)).equals(state)).toBe(true);
    expect(await cluster.log(leader).submit(Buffer.from('after'))).toBe(101);
    expect(await nextOf(events)).toMatchObject({ kind: 'commands', first: 101 });
    await events.return?.();

    // What was installed is there after a restart, until the state is durable elsewhere.
    await cluster.stop(away);
    const again = (await cluster.start(away)).committed(1)[Symbol.asyncIterator]();
    expect(await nextOf(again)).toMatchObject({ kind: 'snapshot', position: 100 });
    await again.return?.();
  });

  it('R4: takes a new member in, and lets the leader go', async () => {
    const leader = await started({ members: 4, founders: 3 });
    const log = cluster.log(leader);
    const founders = cluster.names.slice(0, 3);
    await log.submit(Buffer.from('before'));
    log.changeConfiguration({ voters: founders, learners: ['m4'] });
    await eventually(() => cluster.log('m4').status().committed === 1);
    await untilAccepted(() => log.changeConfiguration({ voters: cluster.names, learners: [] }));
    await untilAccepted(() =>
      log.changeConfiguration({ voters: cluster.names.filter((name) => name !== leader), learners: [] }),
    );
    await eventually(() => cluster.log('m4').status().details['leader'] !== leader);
    await cluster.stop(leader);
    expect(await cluster.log('m4').submit(Buffer.from('after'))).toBe(2);
    expect(cluster.log('m4').status().details['voters']).not.toContain(leader);
  });

  it('R4: fails no call when leadership is handed over', async () => {
    const leader = await started({ members: 3 });
    let stop = false;
    const submitters = cluster.names.map(async (name) => {
      let count = 0;
      while (!stop) count += (await cluster.log(name).submit(Buffer.from('x'))) > 0 ? 1 : 0;
      return count;
    });
    const successor = followersOf(leader)[0] as string;
    cluster.log(leader).transferLeadership(successor);
    await eventually(() =>
      [...cluster.logs.values()].every((log) => log.status().details['leader'] === successor),
    );
    stop = true;
    expect((await Promise.all(submitters)).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  });

  it('R7: goes on when a disk is full, without that member leading, and has it back when there is space', async () => {
    const disks = new Map<string, SimulatedDisk>();
    const diskOf = (name: string): ReturnType<SimulatedDisk['mount']> => diskFor(disks, name).mount();
    const leader = await started({
      members: 3,
      diskOf,
      settings: {
        wal: { segmentBytes: 64 * 1024, maxRecordBytes: 8 * 1024, fullRetryMs: 20 },
        commandBytesMax: 4_000,
        waitMsMax: 1_000,
      },
    });
    const disk = disks.get(leader) as SimulatedDisk;
    disk.capacityBytes = 1;
    const command = Buffer.alloc(4_000);
    // What was on its way when the disk filled up is in doubt; everything after that is handed to the new leader.
    const outcomes: (number | string)[] = [];
    for (let n = 0; n < 60; n++)
      outcomes.push(
        await cluster
          .log(leader)
          .submit(command)
          .then(...settled),
      );
    expect(outcomes.filter((outcome) => outcome === 'Unknown').length).toBeLessThan(3);
    expect(cluster.log(leader).status().details).toMatchObject({ isDiskFull: true });
    await eventually(
      () => cluster.log(followersOf(leader)[0] as string).status().details['leader'] !== leader,
    );
    disk.capacityBytes = Infinity;
    const last = await cluster.log(leader).submit(command);
    await eventually(() => cluster.log(leader).status().details['isDiskFull'] === false);
    expect(await commandsOf(cluster.log(leader), last)).toHaveLength(last);
  });

  it('R7: goes on without a member whose sync failed, and that one says nothing any more', async () => {
    const disks = new Map<string, SimulatedDisk>();
    const failures: unknown[] = [];
    const leader = await started({
      members: 3,
      diskOf: (name) => diskFor(disks, name).mount(),
      settings: { onFailed: (error) => failures.push(error) },
    });
    const disk = disks.get(leader) as SimulatedDisk;
    disk.inject = ({ kind }) => (kind === 'sync' ? { errno: 'EIO' } : undefined);
    const outcome = await cluster
      .log(leader)
      .submit(Buffer.from('x'))
      .then(...settled);
    expect([1, 'Unknown']).toContain(outcome);
    await eventually(() => failures.length === 1);
    expect(cluster.log(leader).status().ready).toBe(false);
    await expect(cluster.log(leader).submit(Buffer.from('y'))).rejects.toMatchObject({ code: 'NotReady' });
    const [other] = followersOf(leader) as [string];
    await eventually(
      () => ![null, leader].includes(cluster.log(other).status().details['leader'] as string | null),
    );
    expect(await cluster.log(other).submit(Buffer.from('z'))).toBeGreaterThan(0);
  });

  it('X: does not speak with those who lack the key, and is not disturbed by junk', async () => {
    const leader = await started({ members: 3 });
    const { port } = cluster.log(leader).address;
    const before = cluster.log(leader).status().details['term'];
    for (const junk of [Buffer.alloc(64), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(5_000, 0xff)]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(junk));
        socket.on('error', () => {}).on('close', () => resolve());
      });
    }
    const [stranger] = followersOf(leader) as [string];
    await cluster.stop(stranger);
    const log = await cluster.start(stranger, { key: Buffer.alloc(32, 8), waitMsMax: 300 });
    await expect(log.submit(Buffer.from('x'))).rejects.toMatchObject({ code: 'NotReady' });
    expect(await cluster.log(leader).submit(Buffer.from('y'))).toBe(1);
    expect(cluster.log(leader).status().details['term']).toBe(before);
  });
});

function followersOf(leader: string): string[] {
  return cluster.names.filter((name) => name !== leader);
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `c${i}`);
}

function diskFor(disks: Map<string, SimulatedDisk>, name: string): SimulatedDisk {
  const disk = disks.get(name) ?? new SimulatedDisk();
  disks.set(name, disk);
  return disk;
}

async function nextOf(events: AsyncIterator<LogEvent>): Promise<LogEvent> {
  for (;;) {
    const { value } = await events.next();
    if ((value as LogEvent).kind !== 'configuration') return value as LogEvent;
  }
}

/** A position, or the code of an error. */
const settled = [
  (position: number): number => position,
  (error: { code: string }): string => error.code,
] as const;

async function commandsOf(log: RaftLogEngine, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const event of log.committed(0)) {
    if (event.kind === 'commands')
      texts.push(...event.commands.map((bytes) => Buffer.from(bytes).toString()));
    if (texts.length >= count) break;
  }
  return texts;
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A change is refused until the one before it is committed, and a new voter has caught up. */
async function untilAccepted(change: () => void): Promise<void> {
  await eventually(() => {
    try {
      change();
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'NotReady' });
      return false;
    }
  });
}
