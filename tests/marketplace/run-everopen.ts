import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BASE_PORT_MAX, SETTINGS } from '../../apps/cli/src/configuration/settings.ts';
import type { MarketplaceStatus } from '../../apps/cli/src/control/control-protocol.ts';
import { portsInUse } from '../../apps/cli/src/topology/ports-in-use.ts';
import { planTopology } from '../../apps/cli/src/topology/topology.ts';

const BIN = fileURLToPath(new URL('../../apps/cli/bin/everopen.js', import.meta.url));
/** Below the ports that the system gives to outgoing connections (32768 …). */
const TEST_PORTS = { from: 12_000, to: 32_000 };

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process of its own, as a user would start it. */
export function startEveropen(args: readonly string[], options: { detached?: boolean } = {}): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], {
    stdio: 'pipe',
    env: { ...process.env, CI: '1' },
    ...options,
  });
}

export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** Runs the command to its end, with this text as its standard input. */
export function everopen(args: readonly string[], input = ''): Promise<Finished> {
  const child = startEveropen(args);
  child.stdin?.on('error', () => {}); // A command that reads nothing may be gone already.
  child.stdin?.end(input);
  return finished(child);
}

export function newDataFolder(): string {
  return mkdtempSync(join(tmpdir(), 'everopen-it-'));
}

/** A base port whose whole plan is free now. */
export async function freeBasePort(): Promise<number> {
  for (;;) {
    const span = Math.min(TEST_PORTS.to, BASE_PORT_MAX) - TEST_PORTS.from;
    const basePort = TEST_PORTS.from + Math.floor(Math.random() * span);
    if ((await portsInUse(planTopology(SETTINGS.parse({ basePort })))).length === 0) return basePort;
  }
}

export async function statusOf(data: string): Promise<MarketplaceStatus> {
  const { stdout, stderr, code } = await everopen(['status', '--json', '--data', data]);
  if (code !== 0) throw new Error(`status ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as MarketplaceStatus;
}

export function addressOf(status: MarketplaceStatus, name: string): string {
  const node = status.nodes.find((each) => each.name === name);
  if (node === undefined) throw new Error(`No ${name}`);
  return `http://${node.address.host}:${node.address.port}`;
}

export function pidOf(status: MarketplaceStatus, name: string): number {
  const pid = status.nodes.find((node) => node.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} has no process`);
  return pid;
}

/** The supervisor and every component. */
export function allPids(status: MarketplaceStatus): number[] {
  return [status.supervisorPid, ...status.nodes.flatMap(({ pid }) => pid ?? [])];
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Polls until it holds; fails after a bound that is far beyond what any machine needs. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
