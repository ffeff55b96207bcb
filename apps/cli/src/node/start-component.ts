import { join } from 'node:path';
import type { Logger, RunningService } from '@everopen/core';
import type { ClusterRecord } from '../cluster/cluster-record.ts';
import { nodeDirectory, throwUnlessFounded } from '../cluster/founding-mark.ts';
import type { Settings } from '../configuration/settings.ts';
import type { NodeKind } from '../topology/node-kind.ts';
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

/** Starts one component in this process. Only its own code is loaded: starting eleven must stay quick. */
export async function startComponent(options: ComponentOptions): Promise<RunningService> {
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
      throwUnlessFounded(options.dataDirectory, record.clusterId, 'payment');
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
  throwUnlessFounded(dataDirectory, record.clusterId, member);
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

/** The component's own folder, beside the mark of its founding. */
function storageDirectory(dataDirectory: string, member: string): string {
  return join(nodeDirectory(dataDirectory, member), 'storage');
}
