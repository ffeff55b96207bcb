import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@everopen/core';
import { BIN_PATH } from '../bin-path.ts';
import { writeFileDurably } from '../cluster/write-file-durably.ts';
import type { DemoState } from '../control/control-protocol.ts';
import type { LogFile } from '../logs/log-file.ts';

const MARK = 'demo.json';

/** Whether the demonstration catalogue was loaded to its end once; what sellers did since is theirs. */
export function isDemoLoaded(dataDirectory: string): boolean {
  return existsSync(join(dataDirectory, MARK));
}

export interface DemoJob {
  readonly state: DemoState;
  stop(): void;
}

/** Loads the demonstration catalogue in a process of its own, like anybody could with `everopen demo`. */
export function startDemoJob(options: {
  readonly dataDirectory: string;
  readonly logFile: LogFile;
  readonly logger: Logger;
  readonly nowUnixMs: () => number;
  readonly onEnd: (state: DemoState) => void;
}): DemoJob {
  const { dataDirectory, logger, onEnd } = options;
  const log = options.logFile.openForAppend();
  const child: ChildProcess = spawn(process.execPath, [BIN_PATH, 'demo', '--data', dataDirectory], {
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const job = {
    state: 'loading' as DemoState,
    stop: (): void => {
      if (job.state !== 'loading') return;
      job.state = 'none'; // The next start goes on.
      child.kill('SIGTERM');
    },
  };
  const end = (state: DemoState): void => {
    if (job.state !== 'loading') return;
    job.state = state;
    onEnd(state);
  };
  child.once('error', (error) => {
    logger.error({ reason: error.message }, 'The demonstration catalogue could not be loaded');
    end('failed');
  });
  child.once('exit', (code) => {
    if (code === 0) {
      writeFileDurably(
        join(dataDirectory, MARK),
        `${JSON.stringify({ loadedAtUnixMs: options.nowUnixMs() })}\n`,
      );
      end('loaded');
      return;
    }
    logger.warn({ code }, 'The demonstration catalogue was not loaded to its end; the next start goes on');
    end('failed');
  });
  return job;
}
