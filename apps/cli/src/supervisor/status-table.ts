import { formatBytes, formatDuration } from '../terminal/quantities.ts';
import type { Style } from '../terminal/style.ts';
import { renderTable } from '../terminal/table.ts';
import { formatAddress } from '../topology/topology.ts';
import type { NodeState, NodeStatus } from './node-status.ts';

/** The components as a table: what each is doing, where, since when, and what it weighs. */
export function renderStatusTable(nodes: readonly NodeStatus[], style: Style): string[] {
  const rows = nodes.map((node) => [
    node.name,
    node.state,
    node.role ?? '–',
    formatAddress(node.address),
    node.pid === undefined ? '–' : String(node.pid),
    node.uptimeMs === undefined ? '–' : formatDuration(node.uptimeMs),
    node.startedInMs === undefined ? '–' : formatDuration(node.startedInMs),
    node.rssBytes === undefined ? '–' : formatBytes(node.rssBytes),
    node.cpuMs === undefined ? '–' : formatDuration(node.cpuMs),
    String(node.restarts),
    node.lastExit ?? '',
  ]);
  const colour: Record<NodeState, (text: string) => string> = {
    ready: style.green,
    starting: style.cyan,
    paused: style.yellow,
    restarting: style.yellow,
    stopping: style.yellow,
    stopped: style.dim,
    failed: style.red,
  };
  return renderTable(
    [
      { title: 'COMPONENT' },
      { title: 'STATE', minWidth: 'restarting'.length },
      { title: 'ROLE', minWidth: 'follower'.length },
      { title: 'ADDRESS' },
      { title: 'PID', align: 'right', minWidth: 6 },
      { title: 'UP', align: 'right', minWidth: 6 },
      { title: 'START', align: 'right', minWidth: 6 },
      { title: 'MEMORY', align: 'right', minWidth: 6 },
      { title: 'CPU', align: 'right', minWidth: 6 },
      { title: 'RESTARTS', align: 'right' },
      { title: 'LAST EXIT' },
    ],
    rows,
    {
      title: style.dim,
      cell: (text, column, row) => (column === 1 ? colour[(nodes[row] as NodeStatus).state](text) : text),
    },
  );
}

/** "11 components and the supervisor, 612 MB resident" */
export function renderWeight(nodes: readonly NodeStatus[], supervisorRssBytes: number): string {
  const running = nodes.filter(({ pid }) => pid !== undefined);
  const bytes = running.reduce((sum, { rssBytes = 0 }) => sum + rssBytes, supervisorRssBytes);
  return `${running.length} components and the supervisor, ${formatBytes(bytes)} resident`;
}
