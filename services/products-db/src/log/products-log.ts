import { join } from 'node:path';
import type { Disk } from '@everopen/core';
import { soloLog, type OpenLog, type ReplicaIdentity } from '@everopen/replica';
import type { ProductsDbConfig } from '../products-db-config.ts';
import { raftProductsLog } from './raft-products-log.ts';

/** Who orders the log of this replica, and how it is left politely. */
export interface ProductsLog {
  readonly open: OpenLog;
  /** What this replica is among the others now; undefined if it is alone. */
  role(): string | undefined;
  /** Before a planned stop: whoever leads lets another lead. Takes a bounded time, and never fails. */
  handOver(): Promise<void>;
}

/** The ordered log that the configuration asks for. Throws `InvalidArgument` if it names the wrong members. */
export function productsLog(config: ProductsDbConfig, identity: ReplicaIdentity, disk: Disk): ProductsLog {
  switch (config.engine) {
    case 'solo':
      return soloProductsLog(config, identity, disk);
    case 'raft':
      return raftProductsLog(config, identity, disk);
  }
}

function soloProductsLog(
  { member, clusterId, dataDirectory, logger }: ProductsDbConfig,
  identity: ReplicaIdentity,
  disk: Disk,
): ProductsLog {
  return {
    open: soloLog({
      member,
      disk,
      wal: {
        directory: join(dataDirectory, 'log'),
        identity: `${clusterId}/${member}/${identity.storageId}`,
        create: identity.storageIsNew,
        logger,
      },
    }),
    role: () => undefined,
    handOver: () => Promise.resolve(),
  };
}
