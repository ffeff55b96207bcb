import type { SettingName } from '../configuration/settings.ts';
import { askStatus } from '../control/control-client.ts';
import { exitCodeOf } from '../failure.ts';
import { processLogger } from '../logs/process-logger.ts';
import { styleFor } from '../terminal/style.ts';
import { silentLogger } from '@everopen/core';

export interface UpFlags extends Partial<Record<SettingName, string | boolean>> {
  readonly data: string;
  readonly config?: string;
  readonly small?: boolean;
  readonly detach?: boolean;
  /** Started by `up --detach`: reports to it, and goes on without it. */
  readonly supervisor?: boolean;
}

/** `everopen up`; `args` as typed, for the supervisor that `--detach` starts. */
export async function up(flags: UpFlags, args: readonly string[]): Promise<number> {
  if (flags.detach === true) return upDetached(flags, args);
  const { runMarketplace } = await import('../marketplace/run-marketplace.ts');
  const { plainWatcher } = await import('../up/plain-watcher.ts');
  const { data, config, small, detach: _detach, supervisor, ...settings } = flags;
  const style = styleFor(process.stdout, process.env);
  const onTerminal = process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
  const { supervisorLog } = await import('../up/detach.ts');
  const { detachedWatcher, tellStarter } = await import('../up/detached-watcher.ts');
  const { terminalWatcher } = await import('../up/terminal-watcher.ts');
  const logger = supervisor === true ? processLogger('info', 'supervisor') : silentLogger;
  const watcher =
    supervisor === true
      ? detachedWatcher(logger)
      : onTerminal
        ? terminalWatcher(process.stdout, style, () => askStatus(data))
        : plainWatcher((line) => console.log(line), style);
  try {
    return await runMarketplace({
      dataDirectory: data,
      sources: { flags: settings, environment: process.env, configFile: config, small },
      logger,
      ownLog: supervisor === true ? supervisorLog(data) : undefined,
      watcher,
      onStopRequest: (ask) => {
        let asked = 0;
        // Ctrl-C asks politely; a second one does not.
        process.on('SIGINT', () => ask(asked++ === 0 ? 'polite' : 'now'));
        process.on('SIGTERM', () => ask('polite'));
        process.on('SIGHUP', () => ask('polite'));
      },
    });
  } catch (error) {
    if (supervisor !== true) throw error;
    const message = (error as Error).message;
    logger.error({}, message);
    tellStarter({ type: 'failed', message, exitCode: exitCodeOf(error) });
    return exitCodeOf(error);
  }
}

async function upDetached(flags: UpFlags, args: readonly string[]): Promise<number> {
  const { detach } = await import('../up/detach.ts');
  const { makeDataFolder } = await import('../cluster/make-data-folder.ts');
  const { whatNext } = await import('../up/what-next.ts');
  const style = styleFor(process.stdout, process.env);
  makeDataFolder(flags.data);
  return detach({
    dataDirectory: flags.data,
    args: args.filter((arg) => arg !== '--detach' && arg !== '-d'),
    print: (line) => console.log(line),
    printError: (line) => console.error(line),
    onSelling: (status) => {
      for (const line of whatNext(status, true, style)) console.log(line);
    },
  });
}
