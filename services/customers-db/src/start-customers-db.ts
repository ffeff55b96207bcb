import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError, cryptoRandom, nodeDisk, type Logger, type RunningService } from '@everopen/core';
import { CustomersService } from '@everopen/contract/customers';
import {
  confirmStorage,
  foundCluster,
  memoryStore,
  openIdentity,
  openReplica,
  soloLog,
  sqliteStore,
  type OpenLog,
  type OpenStore,
  type ReplicaIdentity,
} from '@everopen/replica';
import { serveGrpc } from '@everopen/rpc';
import { customersHandlers } from './api/customers-handlers.ts';
import { createCustomersMachine } from './machine/customers-machine.ts';

export interface CustomersDbConfig {
  /** The name of this replica; one of `members`. */
  readonly member: string;
  /** All replicas of this database, in one order everywhere. */
  readonly members: readonly string[];
  /** Where gRPC is served; port 0 lets the system choose. */
  readonly address: { readonly host: string; readonly port: number };
  /** This replica's own folder. Founded at the first start, if it is empty or missing. */
  readonly dataDirectory: string;
  /** The marketplace: a folder of another one is refused with `WrongCluster`. */
  readonly clusterId: string;
  /** What every caller must present. */
  readonly clusterKey: string;
  /** Who orders the log. `solo`: one replica, on this disk alone. */
  readonly engine: 'solo';
  /** Where rows are kept. `memory` keeps the log alone, and replays all of it at each start. */
  readonly store: 'sqlite' | 'memory';
  readonly logger: Logger;
  /** Called once if the replica cannot go on: end the process. Starting again is recovering. */
  readonly onFatal: (error: Error) => void;
}

/** A backup that is restored begins a new epoch; a cluster that is founded, the first. */
const FIRST_EPOCH = 1;
const PROTO_PATH = fileURLToPath(new URL('../../../proto/customers.proto', import.meta.url));

/**
 * Starts a replica of the customers database: its disk, its log, its state, its gRPC interface. Resolves
 * when it can be called. Rejects with `InvalidArgument` (configuration), `WrongCluster`, `InUse` (folder or
 * port), `NotFound` (the log is gone), `Corrupt`, `DiskFailed` or `DiskFull`; then nothing is left running.
 */
export async function startCustomersDb(config: CustomersDbConfig): Promise<RunningService> {
  const { member, members, dataDirectory, clusterId, logger } = config;
  checkMembers(config);
  await foundCluster(nodeDisk, dataDirectory, { cluster: clusterId, epoch: FIRST_EPOCH, members });
  const identity = await openIdentity({
    disk: nodeDisk,
    directory: dataDirectory,
    member,
    cluster: clusterId,
    random: cryptoRandom,
  });
  const machine = createCustomersMachine();
  const replica = await openReplica({
    identity,
    machine,
    log: openLog(config, identity),
    store: openStore(config),
    logger,
    onFatal: (error) => config.onFatal(error instanceof Error ? error : new Error(String(error))),
  });
  try {
    await confirmStorage(nodeDisk, dataDirectory, identity);
    const server = await serveGrpc({
      address: config.address,
      clusterKey: config.clusterKey,
      service: CustomersService,
      handlers: customersHandlers(replica, machine.state),
      protoPath: PROTO_PATH,
      logger,
    });
    logger.info({ member, address: server.address }, 'The customers database takes calls');
    return {
      address: server.address,
      stop: async () => {
        await server.stop();
        await replica.close();
      },
    };
  } catch (error) {
    await replica.close();
    throw error;
  }
}

function checkMembers({ member, members, engine }: CustomersDbConfig): void {
  if (!members.includes(member)) {
    throw new CodedError('InvalidArgument', `member ${member} is not one of the members`, {
      details: { field: 'member', members },
    });
  }
  if (members.length > 1) {
    throw new CodedError('InvalidArgument', `The engine ${engine} has one member, not ${members.length}`, {
      details: { field: 'members', members },
    });
  }
}

function openLog({ member, dataDirectory, logger }: CustomersDbConfig, identity: ReplicaIdentity): OpenLog {
  return soloLog({
    member,
    disk: nodeDisk,
    wal: {
      directory: join(dataDirectory, 'log'),
      identity: `customers ${identity.cluster} ${identity.epoch} ${member} ${identity.storageId}`,
      create: identity.storageIsNew,
      logger,
    },
  });
}

function openStore({ store, dataDirectory }: CustomersDbConfig): OpenStore {
  return store === 'memory' ? memoryStore : sqliteStore({ path: join(dataDirectory, 'customers.sqlite') });
}
