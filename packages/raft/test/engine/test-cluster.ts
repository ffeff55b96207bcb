import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk, type Disk } from '@everopen/core';
import type { SnapshotSource } from '../../src/engine/ordered-log.ts';
import { raftLog, type RaftLogEngine, type RaftLogOptions } from '../../src/index.ts';

export interface TestClusterOptions {
  readonly members: number;
  readonly founders?: number;
  readonly settings?: Partial<RaftLogOptions>;
  readonly snapshotsOf?: (member: string) => SnapshotSource;
  readonly diskOf?: (member: string) => Disk;
}

const NO_SNAPSHOTS: SnapshotSource = {
  snapshot: () => Promise.reject(new Error('No snapshot was expected')),
};

/** Members in one process, over real sockets and files. */
export class TestCluster {
  readonly names: readonly string[];
  readonly logs: Map<string, RaftLogEngine> = new Map();
  private readonly options: TestClusterOptions;
  private readonly directory: string;
  private readonly ports: readonly number[];

  private constructor(options: TestClusterOptions, directory: string, ports: readonly number[]) {
    this.options = options;
    this.directory = directory;
    this.ports = ports;
    this.names = ports.map((_, i) => `m${i + 1}`);
  }

  static async create(options: TestClusterOptions): Promise<TestCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'everopen-raft-'));
    return new TestCluster(options, directory, await freePorts(options.members));
  }

  async startAll(): Promise<void> {
    await Promise.all(this.names.map((name) => this.start(name)));
  }

  async start(name: string, changes: Partial<RaftLogOptions> = {}): Promise<RaftLogEngine> {
    const { settings, founders, snapshotsOf, diskOf } = this.options;
    const log = await raftLog({
      member: name,
      members: this.names.map((member, i) => ({
        id: i + 1,
        name: member,
        host: '127.0.0.1',
        port: this.ports[i] as number,
      })),
      founders: this.names.slice(0, founders),
      cluster: 'test',
      key: Buffer.alloc(32, 7),
      disk: diskOf?.(name) ?? nodeDisk,
      directory: join(this.directory, name),
      wal: { segmentBytes: 1024 * 1024, maxRecordBytes: 64 * 1024 },
      tickMs: 20,
      ...settings,
      ...changes,
    })({ snapshots: snapshotsOf?.(name) ?? NO_SNAPSHOTS });
    this.logs.set(name, log);
    return log;
  }

  async stop(name: string): Promise<void> {
    const log = this.log(name);
    this.logs.delete(name);
    await log.close();
  }

  log(name: string): RaftLogEngine {
    const log = this.logs.get(name);
    if (log === undefined) throw new Error(`${name} is not running`);
    return log;
  }

  /** The name of the member that leads, once all founders that run agree. */
  async leader(): Promise<string> {
    let found = '';
    await eventually(() => {
      const founders = this.names.slice(0, this.options.founders);
      const leaders = founders.flatMap((name) => this.logs.get(name)?.status().details['leader'] ?? []);
      found = leaders[0] as string;
      const running = founders.filter((name) => this.logs.has(name));
      return (
        this.logs.has(found) &&
        leaders.length === running.length &&
        leaders.every((leader) => leader === found)
      );
    });
    return found;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.logs.values()].map((log) => log.close()));
    await rm(this.directory, { recursive: true });
  }
}

/** Waits for a condition; the test's own time limit ends it. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
