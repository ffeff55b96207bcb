import { type RunningService, systemClock } from '@everopen/core';
import { EXIT, exitCodeOf } from '../failure.ts';
import type { ProcessLogger } from '../logs/process-logger.ts';
import { nodeName } from '../topology/topology.ts';
import { type NodeMessage, WEIGHT_EVERY_MS } from './node-messages.ts';
import { type ComponentOptions, startComponent } from './start-component.ts';

/** A stop that takes longer is abandoned: everything that matters is on disk already. */
const STOP_TIMEOUT_MS = 4_000;

/**
 * The life of one component's process: starts it, tells the supervisor (if one started this process) that it
 * is ready and what it weighs, and stops it on SIGTERM, on Ctrl-C, or when the supervisor is gone. Resolves
 * with the process's exit code.
 */
export async function runNode(
  options: Omit<ComponentOptions, 'onFatal' | 'logger'> & { readonly logger: ProcessLogger },
): Promise<number> {
  const { kind, index, logger } = options;
  const name = nodeName(kind, index);
  const supervised = process.send !== undefined;
  let finish: (exitCode: number) => void = () => {};
  const ended = new Promise<number>((resolve) => (finish = resolve));

  process.on('SIGTERM', () => finish(EXIT.fine));
  // Ctrl-C, or its closing, reaches every process of a terminal; the supervisor decides in which order they stop.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => (supervised ? undefined : finish(EXIT.fine)));
  }
  process.on('disconnect', () => {
    logger.warn({}, 'The supervisor is gone; stopping');
    finish(EXIT.fine);
  });
  process.on('uncaughtException', (error) => dieOf(logger, name, error));
  process.on('unhandledRejection', (reason) => dieOf(logger, name, reason));

  const startedMs = systemClock.monotonicMs();
  let service: RunningService | undefined;
  try {
    const starting = startComponent({ ...options, onFatal: (error) => dieOf(logger, name, error) });
    // One that waits for others to start can be told to stop meanwhile.
    service = await Promise.race([starting, ended.then(() => undefined)]);
  } catch (error) {
    logger.error({ code: (error as { code?: string }).code }, messageOf(error));
    return exitCodeOf(error);
  }
  if (service === undefined) return ended;
  const { address } = service;
  const startMs = Math.round(systemClock.monotonicMs() - startedMs);
  logger.info({ address, startMs, pid: process.pid }, `${name} is ready`);
  tell({ type: 'ready', address });
  const reporting = setInterval(reportWeight, WEIGHT_EVERY_MS, service);
  reporting.unref();
  reportWeight(service);

  const exitCode = await ended;
  clearInterval(reporting);
  const stopped = await Promise.race([
    service.stop().then(() => true),
    new Promise<false>((resolve) => void setTimeout(resolve, STOP_TIMEOUT_MS, false).unref()),
  ]);
  logger.info({ stopped }, stopped ? `${name} has stopped` : `${name} did not stop in time; leaving`);
  return exitCode;
}

function tell(message: NodeMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function reportWeight(service: RunningService): void {
  const { user, system } = process.cpuUsage();
  tell({
    type: 'weight',
    rssBytes: process.memoryUsage.rss(),
    cpuMs: (user + system) / 1000,
    role: service.role?.(),
  });
}

/** Crash-only: what is not understood ends the process, and starting again is recovering. */
function dieOf(logger: ProcessLogger, name: string, reason: unknown): void {
  const stack = reason instanceof Error ? reason.stack : undefined;
  logger.error({ stack }, `${name} cannot go on: ${messageOf(reason)}`);
  logger.flush();
  process.exit(EXIT.refused);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
