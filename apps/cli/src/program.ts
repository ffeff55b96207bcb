import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { CommandFailure, EXIT } from './failure.ts';

const DATA = ['--data <dir>', 'the data folder of the marketplace', './data'] as const;

const EXIT_CODES = `
Exit codes: 0 fine · 1 refused, or a check failed · 2 wrong usage or configuration
            3 no marketplace is running · 130 interrupted`;

/** The commands of `everopen`. Each loads its own code only when it is called: `status` must not load a shop. */
export async function buildProgram(
  args: readonly string[],
  setExitCode: (exitCode: number) => void,
): Promise<Command> {
  const hasSettings = args[0] === 'up' || args[0] === 'init';
  const settings = hasSettings ? (await import('./configuration/setting-flags.ts')).settingFlags() : [];
  const program = new Command('everopen')
    .description('Everopen, the online marketplace that stays open while machines fail.')
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('(see --help)')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  const command = (usage: string, summary: string, examples: readonly string[]): Command =>
    program
      .command(usage)
      .description(summary)
      .addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ everopen ${line}`).join('\n')}`)
      .exitOverride();
  /** Runs the command and keeps its exit code. */
  const run =
    <A extends unknown[]>(action: (...args: A) => Promise<number>) =>
    async (...args: A): Promise<void> =>
      setExitCode(await action(...args));

  const upCommand = command('up', 'start the whole marketplace, and keep it running', [
    'up',
    'up --detach --data /srv/shop --base-port 9000',
    'up --small --no-demo',
    'up --config shop.json',
  ])
    .option('-d, --detach', 'return as soon as it sells; it goes on in the background')
    .option('--small', 'one of everything: one server of each kind, each database on one replica')
    .option('--config <file>', 'settings as a JSON object; see docs/configuration.md')
    .option(...DATA)
    .addOption(new Option('--supervisor').hideHelp());
  for (const option of settings) upCommand.addOption(option);
  upCommand.action(
    run(async (flags: { data: string }) => {
      const { up } = await import('./commands/up.ts');
      const data = absolute(flags.data);
      return up({ ...flags, data }, withData(args.slice(1), data));
    }),
  );

  command('down', 'stop the marketplace: servers first, then databases', ['down'])
    .option(...DATA)
    .action(
      run(async (flags: { data: string }) => {
        const { down } = await import('./commands/control.ts');
        return down({ data: absolute(flags.data) });
      }),
    );

  command('status', 'what runs, where, since when, and what it weighs', ['status', 'status --json'])
    .option('--json', 'as JSON')
    .option(...DATA)
    .action(
      run(async (flags: { data: string; json?: boolean }) => {
        const { status } = await import('./commands/control.ts');
        return status({ ...flags, data: absolute(flags.data) });
      }),
    );

  command('logs', 'show the newest lines of the logs', [
    'logs',
    'logs buyer-server-0 -f',
    'logs payment -n 500 --json',
  ])
    .argument('[node]', 'one component, such as seller-server-2; all if left out')
    .option('-f, --follow', 'go on showing what is added')
    .option('-n, --lines <count>', 'how many lines to begin with (50)')
    .option('--json', 'the lines as they are written')
    .option(...DATA)
    .action(
      run(async (node: string | undefined, flags: { data: string }) => {
        const { logs } = await import('./commands/logs.ts');
        return logs(node, { ...flags, data: absolute(flags.data) });
      }),
    );

  const nodeVerbs = [
    ['kill', 'crash a component (SIGKILL); the supervisor starts it again'],
    ['pause', 'freeze a component (SIGSTOP): it holds its address and answers nobody'],
    ['resume', 'wake a paused component'],
    ['restart', 'stop a component politely, and start it again'],
  ] as const;
  for (const [verb, summary] of nodeVerbs) {
    command(verb, summary, [`${verb} buyer-server-0`, `${verb} customers-db-0`])
      .argument('<node>', 'such as customers-db-0, seller-server-2, payment')
      .option('--json', 'the answer as JSON')
      .option(...DATA)
      .action(
        run(async (node: string, flags: { data: string }) => {
          const { control } = await import('./commands/control.ts');
          return control(verb, node, { ...flags, data: absolute(flags.data) });
        }),
      );
  }

  command('key', 'print a new idempotency key (UUIDv7), for callers such as curl', ['key']).action(
    run(async () => {
      const { printKey } = await import('./commands/key.ts');
      return printKey();
    }),
  );

  for (const role of ['seller', 'buyer'] as const) {
    const examples =
      role === 'buyer'
        ? [
            'buyer',
            'buyer --script shopping.txt',
            'echo "search keywords=lamp" | everopen buyer --json',
            'buyer -n 5 --script shopping.txt',
          ]
        : ['seller', 'seller --script stock.txt', 'seller -n 5 --script stock.txt --json'];
    command(role, `${role === 'buyer' ? 'shop' : 'sell'} in this terminal, or from a script`, examples)
      .option('--script <file>', 'one command a line; "-" reads standard input')
      .option('--json', 'one JSON object a line for each command')
      .option('-n, --clients <count>', 'how many clients, each on a server of its own choice', '1')
      .option('--server <url...>', `${role} servers to use instead of those of the data folder`)
      .option('--currency <code>', 'currency of amounts that are typed without one')
      .option(...DATA)
      .addHelpText(
        'after',
        () => `\n"help" inside lists the commands. docs/cli.md has the language of scripts.`,
      )
      .action(
        run(async (flags: { data: string }) => {
          const { shop } = await import('./commands/shop.ts');
          return shop(role, { ...flags, data: absolute(flags.data) });
        }),
      );
  }

  command('demo', 'load the demonstration catalogue; what is there already is left alone', ['demo'])
    .option('--server <url...>', 'seller servers to use instead of those of the data folder')
    .option('--currency <code>', 'currency of the prices (that of the marketplace)')
    .option(...DATA)
    .action(
      run(async (flags: { data: string }) => {
        const { demo } = await import('./commands/demo.ts');
        return demo({ ...flags, data: absolute(flags.data) });
      }),
    );

  command('check', 'check the invariants of the shop: nothing lost, nothing doubled, the books agree', [
    'check',
    'check --settle 0 --json',
  ])
    .option('--settle <seconds>', 'look again until findings have lasted this long (60)')
    .option('--json', 'as JSON')
    .option(...DATA)
    .action(
      run(async (flags: { data: string }) => {
        const { check } = await import('./commands/check.ts');
        return check({ ...flags, data: absolute(flags.data) });
      }),
    );

  const initCommand = command('init', 'found a marketplace without starting it: its id, keys and members', [
    'init --data /srv/shop --currency USD',
  ])
    .option('--config <file>', 'settings as a JSON object; see docs/configuration.md')
    .option(...DATA);
  for (const option of settings) initCommand.addOption(option);
  initCommand.action(
    run(async (flags: { data: string }) => {
      const { init } = await import('./commands/init.ts');
      return init({ ...flags, data: absolute(flags.data) });
    }),
  );

  command('node', 'run one component alone, in this process', [
    'node customers-db 0 --address 127.0.0.1:8180',
    'node buyer-server 0 --address 127.0.0.1:8091 --customers-db 127.0.0.1:8180 \\\n      --products-db 127.0.0.1:8200 --payment http://127.0.0.1:8220/payment',
  ])
    .argument('<kind>', 'customers-db, products-db, payment, seller-server or buyer-server')
    .argument('<index>', 'its number among those of its kind, from 0')
    .requiredOption('--address <host:port>', 'where it listens')
    .option('--customers-db <addresses>', 'replicas of the customers database (servers)')
    .option(
      '--products-db <addresses>',
      'replicas of the products database (servers, and its replicas over Raft)',
    )
    .option('--payment <url>', 'the payment service (buyer servers)')
    .option(
      '--peers <addresses>',
      'where the replicas of a database listen for each other, from the first to the last',
    )
    .option('--config <file>', 'settings as a JSON object')
    .option(...DATA)
    .action(
      run(async (kind: string, index: string, flags: { data: string; address: string }) => {
        const { node } = await import('./commands/node.ts');
        return node(kind, index, { ...flags, data: absolute(flags.data) });
      }),
    );
  return program;
}

/** With symbolic links resolved, so that one folder has one name. */
function absolute(directory: string): string {
  // An unset variable in a script must not make the working folder a marketplace.
  if (directory === '') throw new CommandFailure(EXIT.usage, '--data must name a folder, got ""');
  const path = resolve(directory);
  try {
    return realpathSync(path);
  } catch {
    return path; // It is made by the first `up`.
  }
}

/** The same arguments for a process with another idea of where it is: the data folder spelt out. */
function withData(args: readonly string[], data: string): string[] {
  const kept = args.filter(
    (arg, at) => !arg.startsWith('--data=') && arg !== '--data' && args[at - 1] !== '--data',
  );
  return [...kept, '--data', data];
}
