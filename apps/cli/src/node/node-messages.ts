import type { NodeAddress } from '../topology/topology.ts';

/** What a component tells its supervisor, over the channel between the two processes. */
export type NodeMessage =
  | { readonly type: 'ready'; readonly address: NodeAddress }
  /** Every second: resident memory, CPU time used since the start, and its role among replicas, if it has any. */
  | {
      readonly type: 'weight';
      readonly rssBytes: number;
      readonly cpuMs: number;
      readonly role?: string | undefined;
    };

export const WEIGHT_EVERY_MS = 1_000;
