import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { BIN_PATH } from '../bin-path.ts';
import type { MarketplaceStatus } from '../control/control-protocol.ts';
import { EXIT } from '../failure.ts';
import { LogFile } from '../logs/log-file.ts';

/** What the detached supervisor tells the command that started it, until the marketplace sells. */
export type DetachedMessage =
  | { readonly type: 'line'; readonly text: string }
  | { readonly type: 'selling'; readonly status: MarketplaceStatus }
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: number };

/** Where a detached supervisor writes what a terminal would have shown. */
export function supervisorLog(dataDirectory: string): LogFile {
  return new LogFile(join(dataDirectory, 'logs', 'supervisor.log'), { bytesMax: 5 * 2 ** 20, files: 2 });
}

export interface DetachOptions {
  readonly dataDirectory: string;
  /** The arguments of `everopen up`, without `--detach`. */
  readonly args: readonly string[];
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
  readonly onSelling: (status: MarketplaceStatus) => void;
}

/** Starts the supervisor in the background; resolves with the exit code once it sells, or has failed. */
export async function detach(options: DetachOptions): Promise<number> {
  const logFile = supervisorLog(options.dataDirectory);
  const log = logFile.openForAppend();
  const child = spawn(process.execPath, [BIN_PATH, 'up', ...options.args, '--supervisor'], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  // Whoever interrupts the start wants no marketplace.
  const interrupt = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', interrupt);
  return new Promise((resolve) => {
    let interrupted = false;
    process.once('SIGINT', () => (interrupted = true));
    child.on('message', (message: DetachedMessage) => {
      switch (message.type) {
        case 'line':
          return options.print(message.text);
        case 'failed':
          options.printError(message.message);
          return resolve(message.exitCode);
        case 'selling':
          options.onSelling(message.status);
          process.off('SIGINT', interrupt);
          child.disconnect();
          child.unref();
          return resolve(EXIT.fine);
      }
    });
    child.once('error', (error) => {
      options.printError(`The supervisor could not be started: ${error.message}`);
      resolve(EXIT.refused);
    });
    child.once('exit', (code, signal) => {
      if (interrupted) return resolve(EXIT.interrupted);
      options.printError(`The supervisor ended (${signal ?? `exit code ${code}`}); see ${logFile.path}`);
      resolve(code || EXIT.refused);
    });
  });
}
