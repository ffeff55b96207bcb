import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProductsService } from '@everopen/contract/products';
import { cryptoRandom, nodeDisk, type RunningService } from '@everopen/core';
import {
  confirmStorage,
  foundCluster,
  memoryStore,
  openIdentity,
  openReplica,
  sqliteStore,
} from '@everopen/replica';
import { serveGrpc, type GrpcServer } from '@everopen/rpc';
import { productsHandlers } from './api/products-handlers.ts';
import { productsLog } from './log/products-log.ts';
import { ProductsMachine } from './machine/products-machine.ts';
import { checkMembers, type ProductsDbConfig } from './products-db-config.ts';

const PROTO_PATH = fileURLToPath(new URL('../../../proto/products.proto', import.meta.url));

/** A replica at work. */
export interface RunningProductsDb extends RunningService {
  /** `leader`, `follower`, `candidate` or `preCandidate` with the engine `raft`; undefined without. */
  role(): string | undefined;
  /** Leadership is handed over first, then calls under way end (bounded), then everything is released. */
  stop(): Promise<void>;
  /** As nearly as one process can die without taking others with it: nothing is handed over, no call is waited for. */
  crash(): Promise<void>;
}

/**
 * Starts a replica of the products database and serves it over gRPC, with health and reflection. Resolves
 * once it takes calls; with the engine `raft` they wait until there is a leader. Starting is recovering: the
 * same folder goes on where it was, whatever ended it.
 *
 * Rejects with `InvalidArgument` (configuration), `WrongCluster`, `NotFound` (the log is gone), `Corrupt`,
 * `DiskFailed`, `DiskFull`, or `InUse` (the folder or the port).
 */
export async function startProductsDb(config: ProductsDbConfig): Promise<RunningProductsDb> {
  const { member, members, dataDirectory, clusterId, clusterKey, address, logger } = config;
  const { checkpointCommands } = config.retention ?? {};
  checkMembers(config);
  const disk = nodeDisk;
  await foundCluster(disk, dataDirectory, { cluster: clusterId, epoch: 1, members });
  const identity = await openIdentity({
    disk,
    directory: dataDirectory,
    member,
    cluster: clusterId,
    random: cryptoRandom,
  });
  const log = productsLog(config, identity, disk);
  const machine = new ProductsMachine();
  let server: GrpcServer | undefined;
  const replica = await openReplica({
    identity,
    machine,
    log: log.open,
    limits: checkpointCommands === undefined ? {} : { checkpointCommands },
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
    role: () => log.role(),
    stop: async () => {
      serving.setServing(false);
      await log.handOver();
      await serving.stop();
      await replica.close();
    },
    crash: () => {
      serving.kill();
      return replica.close();
    },
  };
}
