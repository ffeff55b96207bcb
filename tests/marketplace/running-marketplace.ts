import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EVEROPEN = join(import.meta.dirname, '../../apps/cli/bin/everopen.js');
const PORTS_NEEDED = 300;

/** A marketplace of real processes in a folder of its own, driven as its owner would: by `everopen`. */
export interface RunningMarketplace {
  readonly data: string;
  readonly sellerServers: readonly string[];
  readonly buyerServers: readonly string[];
  /** Runs `everopen ARGS --data …`; rejects if it exits with anything but 0. */
  everopen(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

export async function startMarketplace(...flags: string[]): Promise<RunningMarketplace> {
  const data = mkdtempSync(join(tmpdir(), 'everopen-test-'));
  const basePort = await freeBasePort();
  const everopen = (command: string, ...args: string[]): Promise<string> =>
    run([command, ...args, '--data', data]);
  await everopen('up', '--detach', '--base-port', String(basePort), ...flags);
  const servers = (offset: number, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `http://127.0.0.1:${basePort + offset + index}`);
  const count = flags.includes('--small') ? 1 : 4;
  return {
    data,
    sellerServers: servers(1, count),
    buyerServers: servers(11, count),
    everopen,
    close: async () => {
      await everopen('down');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [EVEROPEN, ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`everopen ${args.join(' ')}\n${stdout}${stderr}`, { cause: error }));
      },
    );
  });
}

/** A port such that it and the block of ports above it are likely to be free. */
async function freeBasePort(): Promise<number> {
  for (
    let basePort = 20_000 + (process.pid % 50) * PORTS_NEEDED;
    basePort < 60_000;
    basePort += PORTS_NEEDED
  ) {
    const probes = [0, 1, 11, 100, 120, 140].map((offset) => isFree(basePort + offset));
    if ((await Promise.all(probes)).every(Boolean)) return basePort;
  }
  throw new Error('No block of free ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
