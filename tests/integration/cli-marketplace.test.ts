import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MarketplaceStatus } from '../../apps/cli/src/control/control-protocol.ts';
import {
  addressOf,
  allPids,
  answers,
  eventually,
  everopen,
  finished,
  freeBasePort,
  isAlive,
  newDataFolder,
  pidOf,
  startEveropen,
  statusOf,
} from '../marketplace/run-everopen.ts';

describe('a marketplace of real processes', () => {
  const data = newDataFolder();
  let status: MarketplaceStatus;
  let basePort: number;
  const up = () =>
    everopen(['up', '--detach', '--small', '--no-demo', '--data', data, '--base-port', String(basePort)]);
  const here = (...args: string[]) => everopen([...args, '--data', data]);

  beforeAll(async () => {
    basePort = await freeBasePort();
    const { code, stdout, stderr } = await up();
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('The marketplace is open');
    expect(stdout).toContain(`npx everopen buyer --data ${data}`);
    status = await statusOf(data);
  });
  afterAll(async () => {
    await here('down');
    for (const pid of allPids(status)) expect(isAlive(pid)).toBe(false);
    rmSync(data, { recursive: true });
  });

  it('M1: every component is a process of its own with an address of its own, and says what it weighs', () => {
    expect(status.nodes.map(({ name }) => name)).toEqual([
      'customers-db-0',
      'products-db-0',
      'payment',
      'buyer-server-0',
      'seller-server-0',
    ]);
    expect(new Set(allPids(status)).size).toBe(6);
    expect(new Set(status.nodes.map(({ address }) => address.port)).size).toBe(5);
    for (const node of status.nodes) {
      expect(node.state).toBe('ready');
      expect(node.rssBytes).toBeGreaterThan(10e6);
    }
    expect(status.selling).toBe(true);
  });

  it('keys are for their owner alone, and on no command line', async () => {
    expect(statSync(join(data, 'cluster.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(data, 'control.sock')).mode & 0o777).toBe(0o600);
    const record = JSON.parse(readFileSync(join(data, 'cluster.json'), 'utf8')) as Record<string, string>;
    const secrets = [record['clusterKey'] as string, record['tokenSecret'] as string];
    for (const pid of allPids(status)) {
      for (const file of ['cmdline', 'environ']) {
        const path = `/proc/${pid}/${file}`;
        if (!existsSync(path)) continue; // Only Linux shows other processes' arguments as files.
        for (const secret of secrets) expect(readFileSync(path, 'utf8')).not.toContain(secret);
      }
    }
  });

  it('X: a second up on the same data folder is refused, and disturbs nothing', async () => {
    const second = await up();
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('A marketplace is running on this data folder already');
    expect(await statusOf(data)).toMatchObject({ supervisorPid: status.supervisorPid, selling: true });
  });

  it('S2: each kind of component that is killed answers again at the same address', async () => {
    for (const name of ['buyer-server-0', 'products-db-0', 'customers-db-0', 'payment']) {
      process.kill(pidOf(await statusOf(data), name), 'SIGKILL');
      await eventually(`${name} is back`, async () => {
        const node = (await statusOf(data)).nodes.find((each) => each.name === name);
        return node?.state === 'ready' && node.restarts === 1;
      });
    }
    const now = await statusOf(data);
    expect(now.nodes.map(({ address }) => address)).toEqual(status.nodes.map(({ address }) => address));
    expect(now.nodes.map(({ lastExit }) => lastExit)).toEqual([
      'SIGKILL',
      'SIGKILL',
      'SIGKILL',
      'SIGKILL',
      undefined,
    ]);
    await eventually('it sells again', () => answers(`${addressOf(now, 'buyer-server-0')}/v1/items`));
    status = now;
  });

  it('kill, pause, resume and restart do what they say; an unknown component is named', async () => {
    const server = addressOf(status, 'seller-server-0');
    expect((await here('pause', 'seller-server-0')).stdout).toContain('is paused');
    expect((await statusOf(data)).nodes.find(({ name }) => name === 'seller-server-0')?.state).toBe('paused');
    const silent = fetch(`${server}/openapi.json`, { signal: AbortSignal.timeout(300) });
    await expect(silent).rejects.toThrow();
    expect((await here('resume', 'seller-server-0')).code).toBe(0);
    await eventually('it answers', () => answers(`${server}/openapi.json`));

    const before = pidOf(await statusOf(data), 'seller-server-0');
    expect((await here('restart', 'seller-server-0')).stdout).toContain('is ready again');
    expect(pidOf(await statusOf(data), 'seller-server-0')).not.toBe(before);

    const unknown = await here('kill', 'seller-server-9');
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.stderr).toContain('there are customers-db-0, products-db-0');
  });

  it('logs show what components wrote, for people and as they are', async () => {
    const text = await here('logs', 'payment');
    expect(text.stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {2}payment is ready/m);
    const json = await here('logs', '--json', '-n', '5');
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((line) => typeof JSON.parse(line)),
    ).toEqual(Array(5).fill('object'));
    expect((await here('logs', '../cluster')).stderr).toContain('There is no log of "../cluster"');
  });

  it('O1: what was sold and who is a member survive a stop and a start', async () => {
    const script = [
      'create-account keeper "lantern over the till" Keeper',
      'log-in keeper "lantern over the till"',
      'sell "Brass lamp" 1 24.90 7 keywords=lamp,brass',
    ];
    expect(await here2('seller', script)).toMatchObject({ code: 0 });
    const down = await here('down');
    expect(down).toMatchObject({ code: 0 });
    for (const pid of allPids(status)) expect(isAlive(pid)).toBe(false);
    expect((await here('status')).code).toBe(3);
    expect((await up()).code).toBe(0);
    status = await statusOf(data);
    const again = await here2('seller', ['log-in keeper "lantern over the till"', 'items']);
    expect(again.stdout).toMatch(/Brass lamp .* 24\.90 EUR +7/);
  });

  it('O2: a supervisor that is killed leaves no orphan, and the next up takes over', async () => {
    const pids = allPids(status);
    process.kill(status.supervisorPid, 'SIGKILL');
    await eventually('everything has ended', () => pids.every((pid) => !isAlive(pid)));
    expect((await here('status')).code).toBe(3);
    expect((await up()).code).toBe(0);
    status = await statusOf(data);
    const items = await here2('seller', ['log-in keeper "lantern over the till"', 'items']);
    expect(items.stdout).toContain('Brass lamp');
  });

  it('O9: check finds nothing wrong', async () => {
    const { code, stdout } = await here('check', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ clean: true, counts: { items: 1 } });
    expect(code).toBe(0);
  });

  function here2(role: 'seller' | 'buyer', lines: readonly string[]) {
    return everopen([role, '--data', data], lines.join('\n'));
  }
});

it('up in the foreground tells what happens, and Ctrl-C stops servers before databases', async () => {
  const data = newDataFolder();
  const basePort = await freeBasePort();
  const child = startEveropen([
    'up',
    '--small',
    '--no-demo',
    '--data',
    data,
    '--base-port',
    String(basePort),
  ]);
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  const end = finished(child);
  await eventually('it is open', () => seen.includes('The marketplace is open'));
  const pids = allPids(await statusOf(data));
  child.kill('SIGINT');
  const { code, stdout, stderr } = await end;
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/founded a new marketplace[^]*ready[^]*Stopping/);
  expect(stdout).not.toContain('\u001b');
  for (const pid of pids) expect(isAlive(pid)).toBe(false);
  rmSync(data, { recursive: true });
});
