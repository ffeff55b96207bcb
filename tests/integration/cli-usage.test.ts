import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { everopen, freeBasePort, newDataFolder } from '../marketplace/run-everopen.ts';

let data: string;
beforeEach(() => (data = newDataFolder()));
afterEach(() => rmSync(data, { recursive: true }));

describe('X: wrong usage', () => {
  it.each([
    [['fly'], "unknown command 'fly'"],
    [['up', '--wings'], "unknown option '--wings'"],
    [['up', '--base-port', '80.5'], 'basePort (from --base-port): must be a whole number'],
    [['up', '--base-port', '70000', '--log-level', 'loud'], 'logLevel (from --log-level): must be one of'],
    [['up', '--config', '/nowhere/at/all.json'], 'Cannot read the configuration file'],
    [['kill'], "missing required argument 'node'"],
    [['seller', '-n', '0'], '-n must be from 1 to 1000'],
    [['buyer', '--server', 'file:///etc/passwd'], '--server must be a URL'],
    [['node', 'gremlin', '0', '--address', '127.0.0.1:1'], 'KIND must be one of'],
    [['node', 'payment', '-1', '--address', '127.0.0.1:1'], 'INDEX must be a number'],
    [['node', 'payment', '0', '--address', 'nowhere'], '--address must be HOST:PORT'],
    [['logs', '-n', 'many'], '--lines must be a number'],
    [['check', '--settle', 'now'], '--settle must be seconds'],
  ])('%j ends with 2 and says why', async (args, words) => {
    const { code, stdout, stderr } = await everopen([
      ...args,
      ...(args[0] === 'fly' ? [] : ['--data', data]),
    ]);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(existsSync(join(data, 'cluster.json'))).toBe(false);
  });

  it.each([
    ['', '--data must name a folder'],
    ['/dev/null', 'is not a folder'],
    ['/dev/null/shop', 'data folder /dev/null/shop'],
    ['/proc/shop', 'data folder /proc/shop cannot be made'],
  ])('a data folder that cannot be one, %j, ends with 2 and says why', async (folder, words) => {
    for (const command of [['init'], ['up'], ['up', '--detach']]) {
      const { code, stdout, stderr } = await everopen([...command, '--data', folder]);
      expect(stderr).toContain(words);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stdout).toBe('');
      expect(code).toBe(2);
    }
  });

  it.each([['status'], ['down'], ['kill', 'payment'], ['buyer'], ['demo'], ['check']])(
    '%s without a marketplace ends with 3 and says how to start one',
    async (...args) => {
      const { code, stderr } = await everopen([...args, '--data', data]);
      expect(stderr).toContain('everopen up');
      expect(code).toBe(3);
    },
  );

  it('a port in use is named before anything is started or founded', async () => {
    const basePort = await freeBasePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(basePort + 140, '127.0.0.1', resolve));
    const { code, stderr } = await everopen(['up', '--data', data, '--base-port', String(basePort)]);
    await new Promise((resolve) => other.close(resolve));
    expect(stderr).toContain(`127.0.0.1:${basePort + 140} (payment): in use by another program`);
    expect(code).toBe(2);
    expect(existsSync(join(data, 'cluster.json'))).toBe(false);
  });

  it('keys that others may read are refused, and so is data without its founding record', async () => {
    expect((await everopen(['init', '--data', data])).code).toBe(0);
    expect(await everopen(['init', '--data', data])).toMatchObject({ code: 1 });
    const record = join(data, 'cluster.json');
    chmodSync(record, 0o644);
    const readable = await everopen(['up', '--data', data]);
    expect(readable.stderr).toContain('chmod 600');
    expect(readable.code).toBe(2);
    mkdirSync(join(data, 'nodes/payment/storage'));
    rmSync(record);
    const orphaned = await everopen(['up', '--data', data]);
    expect(orphaned.stderr).toContain('cluster.json is missing');
    expect(orphaned.code).toBe(2);
  });

  it('what was fixed at the founding stays; a lost disk is not started empty', async () => {
    expect((await everopen(['init', '--data', data, '--currency', 'USD'])).code).toBe(0);
    const changed = await everopen(['up', '--data', data, '--currency', 'EUR']);
    expect(changed.stderr).toContain('this marketplace was founded with USD');
    rmSync(join(data, 'nodes/customers-db-0'), { recursive: true });
    const basePort = String(await freeBasePort());
    const lost = await everopen(['up', '--detach', '--small', '--data', data, '--base-port', basePort]);
    expect(lost.stdout + lost.stderr).toContain('customers-db-0 cannot be started as configured');
    expect(lost.code).toBe(2);
    const log = await everopen(['logs', 'customers-db-0', '--data', data]);
    expect(log.stdout).toContain('A lost disk is not started empty');
  });

  it('a data folder whose path is too long for a socket is refused', async () => {
    const { code, stderr } = await everopen(['up', '--data', join(data, 'x'.repeat(100))]);
    expect(stderr).toContain('too long for the control socket');
    expect(code).toBe(2);
  });
});

it('--help of everything ends with 0 and has examples', async () => {
  const { stdout, code } = await everopen(['--help']);
  expect(code).toBe(0);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1] as string);
  expect(commands).toEqual(
    expect.arrayContaining([
      'up',
      'down',
      'status',
      'logs',
      'kill',
      'seller',
      'buyer',
      'demo',
      'check',
      'node',
      'init',
    ]),
  );
  for (const command of commands.filter((name) => name !== 'help')) {
    const help = await everopen([command, '--help']);
    expect(help.code, command).toBe(0);
    expect(help.stdout, command).toContain(`$ everopen ${command}`);
  }
});

it('a configuration file is read, and its mistakes are named with it', async () => {
  const file = join(data, 'shop.json');
  writeFileSync(file, '{"basePort": "low", "sellerservers": 2}');
  const { stderr, code } = await everopen(['up', '--config', file, '--data', data]);
  expect(stderr).toContain(`basePort (from ${file}): must be a number, got "low"`);
  expect(stderr).toContain(`"sellerservers" (from ${file}): there is no such setting`);
  expect(code).toBe(2);
});
