import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProductsService } from '@everopen/contract/products';
import { CodedError, cryptoRandom, nodeDisk, type Logger, type RunningService } from '@everopen/core';
import {
  confirmStorage,
  foundCluster,
  memoryStore,
  openIdentity,
  openReplica,
  soloLog,
  sqliteStore,
} from '@everopen/replica';
import { serveGrpc, type GrpcServer } from '@everopen/rpc';
import { productsHandlers } from './api/products-handlers.ts';
import { ProductsMachine } from './machine/products-machine.ts';

export interface ProductsDbConfig {
  /** This replica, one of `members`. */
  readonly member: string;
  /** All replicas, in the order of the founding record. The engine `solo` has one. */
  readonly members: readonly string[];
  /** Where gRPC listens; port 0 takes any. */
  readonly address: { readonly host: string; readonly port: number };
  /** This replica's own folder: founding record, log, store. */
  readonly dataDirectory: string;
  readonly clusterId: string;
  /** Callers must present it. */
  readonly clusterKey: string;
  readonly engine: 'solo';
  /** `memory` keeps rows in memory only, and replays the whole log at each start. */
  readonly store: 'sqlite' | 'memory';
  readonly logger: Logger;
  /** Called once if the replica cannot go on: end the process and start it again. */
  readonly onFatal: (error: Error) => void;
}

const PROTO_PATH = fileURLToPath(new URL('../../../proto/products.proto', import.meta.url));

/**
 * Starts a replica of the products database and serves it over gRPC, with health and reflection. Resolves
 * once it takes calls. Starting is recovering: the same folder goes on where it was, whatever ended it.
 *
 * Rejects with `InvalidArgument` (configuration), `WrongCluster`, `NotFound` (the log is gone), `Corrupt`,
 * `DiskFailed`, `DiskFull`, or `InUse` (the folder or the port).
 */
export async function startProductsDb(config: ProductsDbConfig): Promise<RunningService> {
  const { member, members, dataDirectory, clusterId, clusterKey, address, logger } = config;
  if (members.length !== 1 || members[0] !== member) {
    throw new CodedError('InvalidArgument', 'members must be this member alone with the engine solo', {
      details: { field: 'members' },
    });
  }
  const disk = nodeDisk;
  await foundCluster(disk, dataDirectory, { cluster: clusterId, epoch: 1, members });
  const identity = await openIdentity({
    disk,
    directory: dataDirectory,
    member,
    cluster: clusterId,
    random: cryptoRandom,
  });
  const machine = new ProductsMachine();
  let server: GrpcServer | undefined;
  const replica = await openReplica({
    identity,
    machine,
    log: soloLog({
      member,
      disk,
      wal: {
        directory: join(dataDirectory, 'log'),
        identity: `${clusterId}/${member}/${identity.storageId}`,
        create: identity.storageIsNew,
        logger,
      },
    }),
    store: config.store === 'memory' ? memoryStore : sqliteStore({ path: join(dataDirectory, 'store.db') }),
    logger,
    onFatal: (error) => {
      server?.setServing(false);
      config.onFatal(error instanceof Error ? error : new Error(String(error)));
    },
  });
  try {
    await confirmStorage(disk, dataDirectory, identity);
    server = await serveGrpc({
      address,
      clusterKey,
      service: ProductsService,
      handlers: productsHandlers(replica, machine.state),
      protoPath: PROTO_PATH,
      logger,
    });
  } catch (error) {
    await replica.close();
    throw error;
  }
  const serving = server;
  return {
    address: serving.address,
    stop: async () => {
      serving.setServing(false);
      await serving.stop();
      await replica.close();
    },
  };
}
