import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cryptoRandom,
  formatUuid,
  isCodedError,
  silentLogger,
  uuidV7,
  type CodedError,
} from '@everopen/core';
import { CustomersService, Role, type Account, type CustomersServer } from '@everopen/contract/customers';
import { connectGrpc, type GrpcClient } from '@everopen/rpc';
import { startCustomersDb } from '../src/start-customers-db.ts';
import { linesOf, PASSWORD_HASH, PLENTY, sessionKey, type Person } from './customers-world.ts';

export const CLUSTER_KEY = 'the key of a test';

export type CustomersClient = GrpcClient<CustomersServer>;

/** A real customers database on a port of its own, and a client of it. */
export interface TestServer {
  readonly client: CustomersClient;
  readonly port: number;
  readonly dataDirectory: string;
  /** Stops it and starts it again in the same folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestServer(store: 'sqlite' | 'memory' = 'memory'): Promise<TestServer> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'everopen-customers-'));
  const start = () =>
    startCustomersDb({
      member: 'customers-db-0',
      members: ['customers-db-0'],
      address: { host: '127.0.0.1', port: 0 },
      dataDirectory,
      clusterId: 'test',
      clusterKey: CLUSTER_KEY,
      engine: 'solo',
      store,
      logger: silentLogger,
      onFatal: (error) => {
        throw error;
      },
    });
  const connect = (port: number): CustomersClient =>
    connectGrpc<CustomersServer>({
      addresses: [`127.0.0.1:${port}`],
      service: CustomersService,
      clusterKey: CLUSTER_KEY,
    });
  let service = await start();
  let client = connect(service.address.port);
  const stop = async (): Promise<void> => {
    client.close();
    await service.stop();
  };
  return {
    get client() {
      return client;
    },
    get port() {
      return service.address.port;
    },
    dataDirectory,
    restart: async () => {
      await stop();
      service = await start();
      client = connect(service.address.port);
    },
    stop: async () => {
      await stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** A new idempotency key. */
export function newKey(): string {
  return formatUuid(uuidV7(Date.now(), cryptoRandom));
}

export async function register(client: CustomersClient, role: Role, username: string): Promise<Account> {
  const request = { role, username, passwordHash: PASSWORD_HASH, displayName: `${username} by name` };
  return (await client.createAccount(request, { key: newKey() })).response;
}

export async function login(client: CustomersClient, { accountId, role }: Account): Promise<Person> {
  const key = sessionKey(newKey());
  const request = { accountId, role, passwordVersion: 1, sessionKey: key, label: 'a test' };
  await client.openSession(request, { key: newKey() });
  return { accountId, role, sessionKey: key };
}

export async function newPerson(client: CustomersClient, role: Role, username: string): Promise<Person> {
  return login(client, await register(client, role, username));
}

/** Buys 2 units of each item from one seller, up to the record. */
export async function buy(
  client: CustomersClient,
  buyer: Person,
  itemIds: readonly number[],
  order: { sellerId: number; orderId: number },
): Promise<string> {
  for (const itemId of itemIds) {
    const request = { sessionKey: buyer.sessionKey, itemId, quantity: 2, available: PLENTY };
    await client.addToCart(request, { key: newKey() });
  }
  const lines = linesOf(itemIds.map((itemId) => ({ itemId, quantity: 2 })));
  const checkoutKey = newKey();
  await client.beginCheckout({ checkoutKey, sessionKey: buyer.sessionKey, lines });
  await client.recordPurchase({
    checkoutKey,
    orderId: order.orderId,
    lines: lines.map((line) => ({ ...line, sellerId: order.sellerId, name: `item ${line.itemId}` })),
    paymentReference: `charge ${order.orderId}`,
  });
  return checkoutKey;
}

export async function refusalOf(promise: Promise<unknown>): Promise<CodedError> {
  try {
    await promise;
  } catch (error) {
    if (isCodedError(error)) return error;
    throw error;
  }
  throw new Error('It should have been refused');
}
