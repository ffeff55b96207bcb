import type { NodeAddress } from '../topology/topology.ts';
import type { NodeKind } from '../topology/node-kind.ts';
import type { SupervisedNode } from './supervised-node.ts';

export type NodeState = 'starting' | 'ready' | 'paused' | 'restarting' | 'stopping' | 'stopped' | 'failed';

/** One line of `everopen status`, and of its JSON. */
export interface NodeStatus {
  readonly name: string;
  readonly kind: NodeKind;
  readonly index: number;
  readonly address: NodeAddress;
  readonly state: NodeState;
  readonly pid?: number;
  readonly uptimeMs?: number;
  /** From the start of its process until it could be called. */
  readonly startedInMs?: number;
  readonly restarts: number;
  readonly rssBytes?: number;
  readonly cpuMs?: number;
  /** Among the replicas of its database, such as `leader`; as it said at most a second ago. */
  readonly role?: string;
  readonly lastExit?: string;
}

export function statusOf(supervised: SupervisedNode): NodeStatus {
  const { node, life, weight, pid, uptimeMs, startedInMs } = supervised;
  return {
    ...node,
    state: stateOf(supervised),
    restarts: life.restarts,
    ...(pid !== undefined && { pid }),
    ...(uptimeMs !== undefined && { uptimeMs: Math.round(uptimeMs) }),
    ...(startedInMs !== undefined && { startedInMs: Math.round(startedInMs) }),
    ...(weight !== undefined && { rssBytes: weight.rssBytes, cpuMs: Math.round(weight.cpuMs) }),
    ...(weight?.role !== undefined && { role: weight.role }),
    ...(life.lastExit !== undefined && { lastExit: life.lastExit }),
  };
}

function stateOf({ life }: SupervisedNode): NodeState {
  if (life.paused) return 'paused';
  return life.phase.name === 'waiting' ? 'restarting' : life.phase.name;
}
