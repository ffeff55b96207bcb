import type { NodeAddress } from '../topology/topology.ts';

/** What a component tells its supervisor, over the channel between the two processes. */
export type NodeMessage =
  | { readonly type: 'ready'; readonly address: NodeAddress }
  /** Every second: resident memory, and CPU time used since the start. */
  | { readonly type: 'weight'; readonly rssBytes: number; readonly cpuMs: number };

export const WEIGHT_EVERY_MS = 1_000;
