import type { Logger } from '@everopen/core';
import { destination, pino } from 'pino';

export interface ProcessLogger extends Logger {
  /** Writes what is buffered before the process ends. */
  flush(): void;
}

/** JSON lines on standard output, which the supervisor has connected to the component's log file. */
export function processLogger(level: 'debug' | 'info' | 'warn' | 'error', name: string): ProcessLogger {
  const output = destination({ fd: 1, sync: true });
  // Nobody reads any more (a closed pipe): keep working, in silence.
  output.on('error', () => {});
  const logger = pino({ level, base: { node: name } }, output);
  return Object.assign(logger, { flush: () => output.flushSync() });
}
