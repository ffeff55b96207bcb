import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { NODE_KINDS } from './node-kind.ts';
import { PORT_PLAN } from './port-plan.ts';
import { portsInUse } from './ports-in-use.ts';
import { dialable, formatAddress, parseAddress, planTopology } from './topology.ts';

const SIZES = {
  host: '127.0.0.1',
  basePort: 8080,
  sellerServers: 4,
  buyerServers: 4,
  customersDbReplicas: 1,
  productsDbReplicas: 1,
  productsEngine: 'solo',
} as const;

describe('the topology', () => {
  it('M1: has one of each database, payment, and four of each server, each at its own address', () => {
    const nodes = planTopology(SIZES);
    expect(nodes.map(({ name, address }) => `${name} ${address.port}`)).toEqual([
      'customers-db-0 8180',
      'products-db-0 8200',
      'payment 8220',
      'buyer-server-0 8091',
      'buyer-server-1 8092',
      'buyer-server-2 8093',
      'buyer-server-3 8094',
      'seller-server-0 8081',
      'seller-server-1 8082',
      'seller-server-2 8083',
      'seller-server-3 8084',
    ]);
  });

  it('R1: five replicas over Raft have two addresses each: one to be called at, one for each other', () => {
    const nodes = planTopology({ ...SIZES, productsDbReplicas: 5, productsEngine: 'raft' });
    const replicas = nodes.filter(({ kind }) => kind === 'products-db');
    expect(replicas.map(({ address, peerAddress }) => [address.port, peerAddress?.port])).toEqual([
      [8200, 8350],
      [8201, 8351],
      [8202, 8352],
      [8203, 8353],
      [8204, 8354],
    ]);
    expect(nodes.filter(({ peerAddress }) => peerAddress !== undefined)).toHaveLength(5);
  });

  it('at its largest, no two components share a port, and none takes the gateway’s', () => {
    const nodes = planTopology({
      ...SIZES,
      sellerServers: PORT_PLAN.sellerServer.count,
      buyerServers: PORT_PLAN.buyerServer.count,
      customersDbReplicas: PORT_PLAN.customersDb.count,
      productsDbReplicas: PORT_PLAN.productsDb.count,
      productsEngine: 'raft',
    });
    const ports = nodes.flatMap(({ address, peerAddress }) => [address.port, peerAddress?.port ?? []].flat());
    expect(new Set(ports).size).toBe(81);
    expect(Math.min(...ports)).toBeGreaterThan(SIZES.basePort);
    expect(Math.max(...ports)).toBeLessThan(SIZES.basePort + PORT_PLAN.span);
    expect(new Set(nodes.map(({ kind }) => kind))).toEqual(new Set(NODE_KINDS));
  });

  it('addresses are written and read alike', () => {
    for (const text of ['127.0.0.1:80', 'shop.example:0', '[::1]:8080']) {
      expect(formatAddress(parseAddress(text) ?? { host: '', port: 0 })).toBe(text);
    }
  });

  it.each([
    '',
    'host',
    ':80',
    'host:',
    'host:65536',
    'host:8o',
    'a b:80',
    '::1:80',
    'http://host:80',
    'h:80\n',
  ])('X: %j is no address', (text) => expect(parseAddress(text)).toBeUndefined());

  it('what listens everywhere is called by loopback', () => {
    expect(dialable({ host: '0.0.0.0', port: 1 }).host).toBe('127.0.0.1');
    expect(dialable({ host: '::', port: 1 }).host).toBe('::1');
    expect(dialable({ host: '10.0.0.7', port: 1 }).host).toBe('10.0.0.7');
  });

  it('X: a port that another program holds is found, with the component that wants it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const address = { host: '127.0.0.1', port };
    const problems = await portsInUse([{ name: 'payment', kind: 'payment', index: 0, address }]);
    expect(problems).toEqual([`127.0.0.1:${port} (payment): in use by another program`]);
    const replica = { name: 'products-db-0', kind: 'products-db', index: 0 } as const;
    const free = { host: '127.0.0.1', port: 0 };
    expect(await portsInUse([{ ...replica, address: free, peerAddress: address }])).toEqual([
      `127.0.0.1:${port} (products-db-0, for its peers): in use by another program`,
    ]);
    await new Promise((resolve) => other.close(resolve));
    expect(await portsInUse([{ name: 'payment', kind: 'payment', index: 0, address }])).toEqual([]);
  });
});
