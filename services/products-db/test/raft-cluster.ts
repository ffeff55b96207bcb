import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProductsService, type ProductsServer, type ReplicaStatus } from '@everopen/contract/products';
import { silentLogger } from '@everopen/core';
import { connectGrpc, type GrpcClient } from '@everopen/rpc';
import {
  startProductsDb,
  type LogRetention,
  type ProductsDbPeer,
  type RunningProductsDb,
} from '../src/index.ts';

const CLUSTER_KEY = 'the key of a test';
const HOST = '127.0.0.1';

export type ProductsClient = GrpcClient<ProductsServer>;

/** What a replica says about its log. */
export interface RaftDetails {
  readonly role: string;
  readonly term: number;
  readonly leader: string | null;
  readonly commit: number;
  /** The oldest position that it can still replay. */
  readonly first: number;
}

/** Replicas of the products database over Raft, in this process, with real sockets and files. */
export class RaftCluster {
  readonly members: readonly string[];
  readonly running: Map<string, RunningProductsDb> = new Map();
  private readonly folder: string;
  private readonly peers: readonly ProductsDbPeer[];
  private readonly retention: LogRetention;
  private readonly clients: ProductsClient[] = [];

  private constructor(folder: string, ports: readonly number[], retention: LogRetention) {
    this.folder = folder;
    this.retention = retention;
    this.members = ports.slice(0, ports.length / 2).map((_, index) => `products-db-${index}`);
    this.peers = this.members.map((member, index) => ({
      member,
      host: HOST,
      port: ports[index] as number,
      service: `${HOST}:${ports[index + this.members.length]}`,
    }));
  }

  static async start(replicas: number, retention: LogRetention = {}): Promise<RaftCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'everopen-products-raft-'));
    const cluster = new RaftCluster(folder, await freePorts(2 * replicas), retention);
    await Promise.all(cluster.members.map((member) => cluster.startReplica(member)));
    return cluster;
  }

  async startReplica(member: string): Promise<void> {
    const [host, port] = this.peerOf(member).service.split(':') as [string, string];
    const replica = await startProductsDb({
      member,
      members: this.members,
      peers: this.peers,
      address: { host, port: Number(port) },
      dataDirectory: join(this.folder, member),
      clusterId: 'test',
      clusterKey: CLUSTER_KEY,
      engine: 'raft',
      store: 'sqlite',
      retention: this.retention,
      logger: silentLogger,
      onFatal: (error) => {
        throw error;
      },
    });
    this.running.set(member, replica);
  }

  /** Takes it from the cluster as a crash would. */
  async crash(member: string): Promise<void> {
    const replica = this.replica(member);
    this.running.delete(member);
    await replica.crash();
  }

  async stop(member: string): Promise<void> {
    const replica = this.replica(member);
    this.running.delete(member);
    await replica.stop();
  }

  /** Of these members, or of all; closed with the cluster. */
  client(members: readonly string[] = this.members, deadlineMs = 15_000): ProductsClient {
    const client: ProductsClient = connectGrpc<ProductsServer>({
      addresses: members.map((member) => this.peerOf(member).service),
      service: ProductsService,
      clusterKey: CLUSTER_KEY,
      deadlineMs,
    });
    this.clients.push(client);
    return client;
  }

  async status(member: string): Promise<ReplicaStatus & { readonly raft: RaftDetails }> {
    const { response } = await this.client([member]).getStatus({});
    const { first, details } = JSON.parse(response.logStatusJson) as { first: number; details: RaftDetails };
    return { ...response, raft: { ...details, first } };
  }

  /** Who leads, once all that run agree. */
  async leader(): Promise<string> {
    for (;;) {
      const all = await Promise.all([...this.running.keys()].map((member) => this.status(member)));
      const leader = all[0]?.raft.leader ?? undefined;
      if (
        leader !== undefined &&
        this.running.has(leader) &&
        all.every(({ raft }) => raft.leader === leader)
      ) {
        return leader;
      }
    }
  }

  /** The digests of all that run, once they are at one position. */
  async digests(): Promise<string[]> {
    for (;;) {
      const all = await Promise.all([...this.running.keys()].map((member) => this.status(member)));
      if (new Set(all.map(({ applied }) => applied)).size === 1) return all.map(({ digest }) => digest);
    }
  }

  async dispose(): Promise<void> {
    for (const client of this.clients) client.close();
    await Promise.all([...this.running.values()].map((replica) => replica.crash()));
    await rm(this.folder, { recursive: true });
  }

  private peerOf(member: string): ProductsDbPeer {
    const peer = this.peers.find((one) => one.member === member);
    if (peer === undefined) throw new Error(`There is no ${member}`);
    return peer;
  }

  private replica(member: string): RunningProductsDb {
    const replica = this.running.get(member);
    if (replica === undefined) throw new Error(`${member} does not run`);
    return replica;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, HOST, () => resolve()))),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
