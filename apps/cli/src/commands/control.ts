import { askStatus, askSupervisor } from '../control/control-client.ts';
import type { MarketplaceStatus, NodeVerb } from '../control/control-protocol.ts';
import { EXIT } from '../failure.ts';
import { renderStatusTable, renderWeight } from '../supervisor/status-table.ts';
import { formatDuration } from '../terminal/quantities.ts';
import { styleFor } from '../terminal/style.ts';

export async function status(flags: { data: string; json?: boolean }): Promise<number> {
  const answer = await askStatus(flags.data);
  if (flags.json === true) {
    console.log(JSON.stringify(answer, null, 2));
    return EXIT.fine;
  }
  const style = styleFor(process.stdout, process.env);
  const open = answer.selling ? style.green('open') : style.yellow('starting');
  console.log(
    `Marketplace ${answer.clusterId} is ${open}, up ${formatDuration(answer.uptimeMs)}, in ${answer.dataDirectory}`,
  );
  if (answer.demo === 'loading') console.log('The demonstration catalogue is being loaded.');
  if (answer.demo === 'failed')
    console.log('The demonstration catalogue was not loaded; see: everopen logs demo');
  for (const line of renderStatusTable(answer.nodes, style)) console.log(line);
  console.log(renderWeight(answer.nodes, answer.supervisorRssBytes));
  return EXIT.fine;
}

/** Between its closing of the control socket and its end, a supervisor has next to nothing to do. */
const LAST_BREATH_MS = 5;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function down(flags: { data: string }): Promise<number> {
  const asked = askSupervisor(flags.data, { verb: 'down' }, { untilClosed: true });
  const { supervisorPid } = (await asked) as MarketplaceStatus;
  while (isAlive(supervisorPid)) await new Promise((resolve) => setTimeout(resolve, LAST_BREATH_MS));
  console.log('The marketplace is closed; its data stays in', flags.data);
  return EXIT.fine;
}

const DONE: Record<NodeVerb, (node: string, result: unknown) => string> = {
  kill: (node, result) => `Killed ${node} (process ${(result as { pid: number }).pid}); it is restarted.`,
  pause: (node) =>
    `${node} is paused: it holds its address and answers nobody. Wake it with: everopen resume ${node}`,
  resume: (node) => `${node} goes on.`,
  restart: (node) => `${node} was stopped and is ready again.`,
};

/** `kill`, `pause`, `resume` and `restart`. */
export async function control(
  verb: NodeVerb,
  node: string,
  flags: { data: string; json?: boolean },
): Promise<number> {
  const result = await askSupervisor(flags.data, { verb, node });
  console.log(flags.json === true ? JSON.stringify({ verb, node, result }) : DONE[verb](node, result));
  return EXIT.fine;
}
