import type { LogInAnswer, Role } from '@everopen/contract/rest';
import type { RunningService } from '@everopen/core';
import { createShopServer, type ShopServerConfig } from '../../src/shop-server.ts';
import { http } from './http.ts';
import { openTestDatabases, type TestDatabases } from './test-databases.ts';
import { watchedLogger } from './watched-logger.ts';

export const PASSWORD = 'plum tree by the gate';

export interface AccountsWorld {
  readonly databases: TestDatabases;
  /** Base URLs: two servers for buyers, one for sellers, all over the same databases. */
  readonly buyers: readonly [string, string];
  readonly seller: string;
  /** What servers have logged as their own faults. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

export function testConfig(databases: TestDatabases, logger = watchedLogger()): ShopServerConfig {
  return {
    address: { host: '127.0.0.1', port: 0 },
    customersDb: [],
    productsDb: [],
    clusterKey: 'cluster key of tests',
    tokenSecret: 'a token secret of tests, long enough',
    currency: 'EUR',
    logger,
    clock: databases.clock,
    trustedProxies: ['127.0.0.1'],
  };
}

/** Servers that know accounts and sessions alone. */
export async function openAccountsWorld(): Promise<AccountsWorld> {
  const databases = await openTestDatabases();
  const logger = watchedLogger();
  const start = async (role: Role): Promise<RunningService> => {
    const words = { title: 'Accounts', description: 'Accounts alone' };
    return (await createShopServer(role, words, testConfig(databases, logger), databases)).listen();
  };
  const servers = [await start('buyer'), await start('buyer'), await start('seller')] as const;
  return {
    databases,
    buyers: [urlOf(servers[0]), urlOf(servers[1])],
    seller: urlOf(servers[2]),
    errors: logger.errors,
    close: async () => {
      for (const server of servers) await server.stop();
      await databases.close();
    },
  };
}

export function urlOf(server: RunningService): string {
  return `http://${server.address.host}:${server.address.port}`;
}

/** Registers (unless known already) and logs in; the token. */
export async function logIn(base: string, username: string, label?: string): Promise<string> {
  await http(base, 'POST', '/v1/accounts', { body: { username, password: PASSWORD, displayName: username } });
  const body = { username, password: PASSWORD, ...(label === undefined ? {} : { label }) };
  const answer = await http<LogInAnswer>(base, 'POST', '/v1/sessions', { body });
  if (answer.status !== 201) throw new Error(`${username} cannot log in: ${JSON.stringify(answer.body)}`);
  return answer.body.token;
}

/** A token whose session was logged out. */
export async function endedToken(base: string, username: string): Promise<string> {
  const token = await logIn(base, username);
  await http(base, 'DELETE', '/v1/sessions/current', { token });
  return token;
}
