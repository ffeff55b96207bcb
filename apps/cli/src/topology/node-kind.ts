/** The components that run as processes of their own. */
export const NODE_KINDS = [
  'customers-db',
  'products-db',
  'payment',
  'seller-server',
  'buyer-server',
] as const;

export type NodeKind = (typeof NODE_KINDS)[number];

/** Databases and payment keep data; servers keep none, and stop first. */
export function isStateless(kind: NodeKind): boolean {
  return kind === 'seller-server' || kind === 'buyer-server';
}
