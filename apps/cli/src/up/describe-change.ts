import type { NodeEvent } from '../supervisor/node-life.ts';
import type { NodeStatus } from '../supervisor/node-status.ts';
import type { Style } from '../terminal/style.ts';
import { formatDuration } from '../terminal/quantities.ts';
import { formatAddress } from '../topology/topology.ts';

/** One line about what has just happened to a component; undefined when it is not worth one. */
export function describeChange(node: NodeStatus, event: NodeEvent, style: Style): string | undefined {
  switch (event.type) {
    case 'ready': {
      const took = node.startedInMs === undefined ? '' : style.dim(` (${formatDuration(node.startedInMs)})`);
      return `${style.green('ready')}  ${node.name} on ${formatAddress(node.address)}${took}`;
    }
    case 'exited':
      if (node.state === 'failed') {
        return `${style.red('failed')} ${node.name}: ${node.lastExit}; see: everopen logs ${node.name}`;
      }
      return node.state === 'restarting'
        ? `${style.red('ended')}  ${node.name}: ${node.lastExit}; starting it again`
        : undefined;
    case 'pause':
      return `${style.yellow('paused')} ${node.name}`;
    case 'resume':
      return `${style.green('woken')}  ${node.name}`;
    case 'stopOverdue':
      return node.state === 'stopping'
        ? `${style.red('killed')} ${node.name}: did not stop in time`
        : undefined;
    default:
      return undefined;
  }
}
