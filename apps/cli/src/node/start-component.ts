import type { Logger, RunningService } from '@everopen/core';
import type { ClusterRecord } from '../cluster/cluster-record.ts';
import { markStarted, storageDirectory, throwUnlessFounded } from '../cluster/founding-mark.ts';
import type { Settings } from '../configuration/settings.ts';
import { isStateless, type NodeKind } from '../topology/node-kind.ts';
import { nodeName, parseAddress, type NodeAddress } from '../topology/topology.ts';

export interface ComponentOptions {
  readonly kind: NodeKind;
  readonly index: number;
  readonly address: NodeAddress;
  readonly dataDirectory: string;
  readonly record: ClusterRecord;
  readonly settings: Settings;
  /** Addresses of the databases' replicas, "HOST:PORT"; servers need both, and the payment URL. */
  readonly customersDb: readonly string[];
  readonly productsDb: readonly string[];
  readonly paymentUrl: string;
  /** Where the replicas of this component's database listen for each other, in the order of its members. */
  readonly peers: readonly string[];
  readonly logger: Logger;
  /** Called when the component cannot go on: the process must end. */
  readonly onFatal: (error: Error) => void;
}

/** Starts one component in this process, with the storage that was founded for it if it keeps any. */
export async function startComponent(options: ComponentOptions): Promise<RunningService> {
  const { kind, index, dataDirectory, record } = options;
  if (isStateless(kind)) return startService(options);
  const member = nodeName(kind, index);
  throwUnlessFounded(dataDirectory, record.clusterId, member);
  const service = await startService(options);
  markStarted(dataDirectory, record.clusterId, member);
  return service;
}

/** Only its own code is loaded: starting fifteen must stay quick. */
async function startService(options: ComponentOptions): Promise<RunningService> {
  const { kind, address, record, settings, customersDb, productsDb, paymentUrl, logger, onFatal } = options;
  switch (kind) {
    case 'customers-db': {
      const { startCustomersDb } = await import('@everopen/customers-db');
      return startCustomersDb({
        ...databaseConfig(options, record.customersDb),
        engine: record.customersEngine,
      });
    }
    case 'products-db': {
      const { startProductsDb } = await import('@everopen/products-db');
      return startProductsDb({
        ...databaseConfig(options, record.productsDb),
        engine: record.productsEngine,
        peers: record.productsEngine === 'raft' ? peersOf(record.productsDb, options.peers, productsDb) : [],
      });
    }
    case 'payment': {
      const { startPayment } = await import('@everopen/payment');
      return startPayment({
        address,
        dataDirectory: storageDirectory(options.dataDirectory, 'payment'),
        clusterKey: record.clusterKey,
        declineShare: settings.paymentDeclineShare,
        ...(settings.paymentSeed !== undefined && { seed: settings.paymentSeed }),
        logger,
        onFatal,
      });
    }
    case 'seller-server':
    case 'buyer-server': {
      const config = {
        address,
        customersDb,
        productsDb,
        paymentUrl,
        clusterKey: record.clusterKey,
        tokenSecret: record.tokenSecret,
        currency: settings.currency,
        logger,
      };
      if (kind === 'buyer-server') {
        const { startBuyerServer } = await import('@everopen/buyer-server');
        return startBuyerServer(config);
      }
      const { startSellerServer } = await import('@everopen/seller-server');
      return startSellerServer(config);
    }
  }
}

function databaseConfig(options: ComponentOptions, members: readonly string[]) {
  const { kind, index, address, dataDirectory, record, logger, onFatal } = options;
  const member = nodeName(kind, index);
  return {
    member,
    members,
    address,
    dataDirectory: storageDirectory(dataDirectory, member),
    clusterId: record.clusterId,
    clusterKey: record.clusterKey,
    store: record.store,
    logger,
    onFatal,
  };
}

/** Each member with the address it listens on for the others, and the one that it is called at. */
function peersOf(members: readonly string[], peers: readonly string[], services: readonly string[]) {
  return members.map((member, index) => {
    const address = parseAddress(peers[index] ?? '');
    const service = services[index];
    if (address === undefined || service === undefined) throw new Error(`No address of ${member}`);
    return { member, ...address, service };
  });
}
