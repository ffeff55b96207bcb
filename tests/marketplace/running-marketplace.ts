import { rmSync } from 'node:fs';
import { addressOf, everopen, freeBasePort, newDataFolder, statusOf } from './run-everopen.ts';

/** A marketplace of real processes in a folder of its own, driven as its owner would: by `everopen`. */
export interface RunningMarketplace {
  readonly data: string;
  readonly basePort: number;
  /** Names of all components, as `kill` takes them. */
  readonly nodes: readonly string[];
  readonly buyerServers: readonly string[];
  /** Runs `everopen COMMAND … --data …`; rejects if it exits with anything but 0. */
  everopen(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export async function startMarketplace(...flags: readonly string[]): Promise<RunningMarketplace> {
  const data = newDataFolder();
  const basePort = await freeBasePort();
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await everopen([...args, '--data', data]);
    if (code !== 0) throw new Error(`everopen ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  await run('up', '--detach', '--base-port', String(basePort), ...flags);
  const status = await statusOf(data);
  const nodes = status.nodes.map(({ name }) => name);
  return {
    data,
    basePort,
    nodes,
    buyerServers: nodes.filter((name) => name.startsWith('buyer')).map((name) => addressOf(status, name)),
    everopen: run,
    close: async () => {
      await run('down');
      rmSync(data, { recursive: true, force: true });
    },
  };
}
