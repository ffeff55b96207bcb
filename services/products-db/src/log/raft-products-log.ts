import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import { CodedError, systemClock, type Disk } from '@everopen/core';
import { raftLog, type RaftLogEngine } from '@everopen/raft';
import type { ReplicaIdentity } from '@everopen/replica';
import type { ProductsDbConfig } from '../products-db-config.ts';
import { namingLeader } from './naming-leader.ts';
import type { ProductsLog } from './products-log.ts';

/** Less than the time after which a caller of ours leaves for another replica (2 s): it is told why, not left in silence. */
const WAIT_MS_MAX = 1_500;
/** A transfer takes milliseconds; if nobody takes over in this time, the followers' own timeouts do it. */
const HAND_OVER_MS_MAX = 1_000;
const HAND_OVER_POLL_MS = 5;
const PEER_KEY_BYTES = 32;

/** The log over Raft: any replica takes calls, and hands commands and questions for read points to the leader. */
export function raftProductsLog(
  { member, peers = [], clusterId, clusterKey, dataDirectory, retention, logger }: ProductsDbConfig,
  identity: ReplicaIdentity,
  disk: Disk,
): ProductsLog {
  let engine: RaftLogEngine | undefined;
  const open = raftLog({
    member,
    // Ids are places in the founding record, which is the same everywhere and never changes its order.
    members: identity.members.map((name, index) => {
      const { host, port } = peerOf(peers, name);
      return { id: index + 1, name, host, port };
    }),
    founders: identity.members,
    cluster: `products ${clusterId}`,
    key: new Uint8Array(hkdfSync('sha256', clusterKey, clusterId, 'everopen products raft', PEER_KEY_BYTES)),
    disk,
    directory: join(dataDirectory, 'raft'),
    wal: {
      identity: `${clusterId}/${member}/${identity.storageId}`,
      create: identity.storageIsNew,
    },
    waitMsMax: WAIT_MS_MAX,
    ...(retention?.trailingEntries === undefined ? {} : { trailingEntries: retention.trailingEntries }),
    logger,
  });
  const leader = (): string | undefined => {
    const name = engine?.status().details['leader'];
    return typeof name === 'string' ? name : undefined;
  };
  const leads = (): boolean => engine?.status().details['role'] === 'leader';
  return {
    open: async (context) => {
      engine = await open(context).catch((error: unknown) => {
        throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
          ? portInUse(peerOf(peers, member))
          : error;
      });
      return namingLeader(engine, () => {
        const name = leader();
        return name === undefined || name === member ? undefined : peerOf(peers, name).service;
      });
    },
    role: () => (engine === undefined ? undefined : String(engine.status().details['role'])),
    handOver: async () => {
      if (!leads() || identity.members.length === 1) return;
      logger.info({}, 'Handing leadership over before stopping');
      engine?.transferLeadership();
      const deadlineMs = systemClock.monotonicMs() + HAND_OVER_MS_MAX;
      while ((leader() ?? member) === member && systemClock.monotonicMs() < deadlineMs) {
        await new Promise<void>((resolve) => void systemClock.setTimer(HAND_OVER_POLL_MS, resolve));
      }
    },
  };
}

type Peer = NonNullable<ProductsDbConfig['peers']>[number];

function peerOf(peers: readonly Peer[], member: string): Peer {
  const peer = peers.find((one) => one.member === member);
  if (peer === undefined) throw new Error(`The address of ${member} was checked, and is gone`);
  return peer;
}

function portInUse({ host, port }: Peer): CodedError {
  return new CodedError('InUse', `Cannot listen on ${host}:${port} for the other replicas: it is in use`);
}
