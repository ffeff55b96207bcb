import type { Settings } from '../configuration/settings.ts';
import type { NodeKind } from './node-kind.ts';
import { PORT_PLAN } from './port-plan.ts';

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

export interface PlannedNode {
  /** `seller-server-2`; payment, of which there is one, is just `payment`. */
  readonly name: string;
  readonly kind: NodeKind;
  readonly index: number;
  readonly address: NodeAddress;
  /** Where it listens for the other replicas of its database, if it is one of several. */
  readonly peerAddress?: NodeAddress;
}

type Sizes = Pick<
  Settings,
  | 'host'
  | 'basePort'
  | 'sellerServers'
  | 'buyerServers'
  | 'customersDbReplicas'
  | 'productsDbReplicas'
  | 'productsEngine'
>;

/** Every process of a marketplace, in the order in which they are best started: data first. */
export function planTopology(sizes: Sizes): PlannedNode[] {
  const { host, basePort } = sizes;
  const nodes = (kind: NodeKind, count: number, offset: number): PlannedNode[] =>
    Array.from({ length: count }, (_, index) => ({
      name: nodeName(kind, index),
      kind,
      index,
      address: { host, port: basePort + offset + index },
    }));
  const withPeers = (node: PlannedNode): PlannedNode => ({
    ...node,
    peerAddress: { host, port: node.address.port + PORT_PLAN.peerOffset },
  });
  const products = nodes('products-db', sizes.productsDbReplicas, PORT_PLAN.productsDb.offset);
  return [
    ...nodes('customers-db', sizes.customersDbReplicas, PORT_PLAN.customersDb.offset),
    ...(sizes.productsEngine === 'raft' ? products.map(withPeers) : products),
    ...nodes('payment', 1, PORT_PLAN.payment.offset),
    ...nodes('buyer-server', sizes.buyerServers, PORT_PLAN.buyerServer.offset),
    ...nodes('seller-server', sizes.sellerServers, PORT_PLAN.sellerServer.offset),
  ];
}

export function nodeName(kind: NodeKind, index: number): string {
  return kind === 'payment' ? kind : `${kind}-${index}`;
}

/** "127.0.0.1:8081", "[::1]:8081". */
export function formatAddress({ host, port }: NodeAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The address in "HOST:PORT" or "[IPV6]:PORT"; undefined if it is none. Port 0 lets the system choose. */
export function parseAddress(text: string): NodeAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9_.-]{1,253})):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: (match[1] ?? match[2]) as string, port };
}

/** Where to call what listens there: an address that stands for every interface is called by loopback. */
export function dialable({ host, port }: NodeAddress): NodeAddress {
  return { host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port };
}

export function urlOf(address: NodeAddress): string {
  return `http://${formatAddress(dialable(address))}`;
}

/** Where the payment service of these components takes its calls. */
export function paymentUrlOf(nodes: readonly Pick<PlannedNode, 'kind' | 'address'>[]): string {
  const payment = nodes.find(({ kind }) => kind === 'payment');
  if (payment === undefined) throw new RangeError('There is no payment service among them');
  return `${urlOf(payment.address)}/payment`;
}
