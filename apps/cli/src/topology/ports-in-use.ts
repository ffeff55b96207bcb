import { createServer } from 'node:net';
import { formatAddress, type PlannedNode } from './topology.ts';

/** Which of these addresses cannot be listened on now, each with the reason. Nothing stays bound. */
export async function portsInUse(nodes: readonly PlannedNode[]): Promise<string[]> {
  const listeners = nodes.flatMap(({ name, address, peerAddress }) => [
    { name, address },
    ...(peerAddress === undefined ? [] : [{ name: `${name}, for its peers`, address: peerAddress }]),
  ]);
  const problems = await Promise.all(
    listeners.map(
      (node) =>
        new Promise<string | undefined>((resolve) => {
          const probe = createServer();
          probe.once('error', (error: NodeJS.ErrnoException) => {
            const reason = error.code === 'EADDRINUSE' ? 'in use by another program' : error.message;
            resolve(`${formatAddress(node.address)} (${node.name}): ${reason}`);
          });
          probe.listen({ ...node.address, exclusive: true }, () => probe.close(() => resolve(undefined)));
        }),
    ),
  );
  return problems.filter((problem) => problem !== undefined);
}
