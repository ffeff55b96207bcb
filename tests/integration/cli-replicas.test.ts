import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeStatus } from '../../apps/cli/src/supervisor/node-status.ts';
import {
  eventually,
  everopen,
  freeBasePort,
  newDataFolder,
  pidOf,
  statusOf,
} from '../marketplace/run-everopen.ts';

describe('a marketplace whose products database has three replicas', () => {
  const data = newDataFolder();
  const LOG_IN = 'log-in keeper "lantern over the till"';
  let basePort: number;
  const here = (...args: string[]) => everopen([...args, '--data', data]);
  const up = (...flags: string[]) =>
    here('up', '--detach', '--small', '--no-demo', '--base-port', String(basePort), ...flags);
  const sell = (name: string) => `sell "${name}" 1 24.90 7 keywords=lamp`;
  const seller = async (...lines: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await everopen(['seller', '--data', data], lines.join('\n'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const replicas = async (): Promise<NodeStatus[]> =>
    (await statusOf(data)).nodes.filter(({ kind }) => kind === 'products-db');
  /** The name of the leader, once all run and one leads. */
  const leader = async (): Promise<string> => {
    let name = '';
    await eventually('all replicas run, and one leads', async () => {
      const all = await replicas();
      const leaders = all.filter(({ role }) => role === 'leader');
      name = leaders[0]?.name ?? '';
      const followers = all.filter(({ role }) => role === 'follower');
      return leaders.length === 1 && followers.length === all.length - 1;
    });
    return name;
  };

  beforeAll(async () => {
    basePort = await freeBasePort();
    const { code, stderr } = await up('--products-engine', 'raft', '--products-db-replicas', '3');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await seller('create-account keeper "lantern over the till" Keeper', LOG_IN, sell('Brass lamp'));
  });
  afterAll(async () => {
    await here('down');
    rmSync(data, { recursive: true });
  });

  it('M1, R1: each replica is a process with an address of its own; status says which one leads', async () => {
    const name = await leader();
    expect((await replicas()).map((node) => node.name)).toEqual([
      'products-db-0',
      'products-db-1',
      'products-db-2',
    ]);
    const { stdout } = await here('status');
    expect(stdout).toMatch(new RegExp(`${name} +ready +leader`));
  });

  it('R2, S4: the leader is killed: selling goes on at once, and the replica comes back as a follower', async () => {
    const victim = await leader();
    expect((await here('kill', victim)).code).toBe(0);
    expect(await seller(LOG_IN, sell('Copper lamp'), 'items')).toMatch(/Copper lamp[^]*Brass lamp/);
    expect(await leader()).not.toBe(victim);
  });

  it('R4: the leader is restarted politely: another leads before it has gone', async () => {
    const before = await leader();
    expect((await here('restart', before)).stdout).toContain('is ready again');
    expect(await leader()).not.toBe(before);
    expect(await seller(LOG_IN, sell('Tin lamp'), 'items')).toContain('Tin lamp');
  });

  it('R3: all replicas are killed at one moment, and what was sold is there', async () => {
    const status = await statusOf(data);
    for (const { name } of await replicas()) process.kill(pidOf(status, name), 'SIGKILL');
    expect(await seller(LOG_IN, 'items')).toMatch(/Tin lamp[^]*Copper lamp[^]*Brass lamp/);
    await leader();
    const { code, stdout } = await here('check', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ clean: true, counts: { items: 3 } });
    expect(code).toBe(0);
  });

  it('O1: stopped and started without being told, it has the replicas it was founded with', async () => {
    expect((await here('down')).code).toBe(0);
    const other = await up('--products-engine', 'solo');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('this marketplace was founded with raft, and that cannot change');
    expect((await up()).code).toBe(0);
    await leader();
    expect(await replicas()).toHaveLength(3);
    expect(await seller(LOG_IN, 'items')).toContain('Brass lamp');
  });
});
