import { join } from 'node:path';
import { CodedError, type Clock, type Logger, type Random, type Timer } from '@everopen/core';
import { LogFile, type LogFileLimits } from '../logs/log-file.ts';
import { isStateless } from '../topology/node-kind.ts';
import type { PlannedNode } from '../topology/topology.ts';
import type { NodeEvent } from './node-life.ts';
import { statusOf, type NodeStatus } from './node-status.ts';
import type { RestartPolicy } from './restart-delay.ts';
import { SupervisedNode, type NodeCommand } from './supervised-node.ts';

const ROTATE_EVERY_MS = 5_000;

export interface SupervisorOptions {
  readonly nodes: readonly PlannedNode[];
  readonly commandOf: (node: PlannedNode) => NodeCommand;
  readonly logDirectory: string;
  readonly logLimits: LogFileLimits;
  /** Logs of others in the same folder that are to be rotated too. */
  readonly otherLogs?: readonly LogFile[];
  readonly policy: RestartPolicy & { readonly stopTimeoutMs: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** After every change of a component. */
  readonly onChange?: (status: NodeStatus, event: NodeEvent) => void;
}

/** Keeps every component running until it is told to stop. */
export class Supervisor {
  private readonly nodes: ReadonlyMap<string, SupervisedNode>;
  private readonly options: SupervisorOptions;
  private readonly logFiles: LogFile[];
  private rotation: Timer | undefined;
  private waiters: (() => void)[] = [];

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.logFiles = [...(options.otherLogs ?? [])];
    this.nodes = new Map(options.nodes.map((node) => [node.name, this.supervise(node)]));
  }

  /** Starts every component; resolves when all are ready, rejects when one is wrongly configured. */
  async start(): Promise<void> {
    this.scheduleRotation();
    for (const node of this.nodes.values()) node.handle({ type: 'start' });
    await this.waitUntil(() => {
      for (const { life, node } of this.nodes.values()) {
        if (life.phase.name === 'failed') {
          throw new CodedError('InvalidArgument', `${node.name} cannot be started as configured`, {
            details: { node: node.name },
          });
        }
      }
      return this.all((node) => node.life.phase.name === 'ready');
    });
  }

  /** Servers first, so that nobody calls a database that is going; then the rest. */
  async stop(): Promise<void> {
    for (const stateless of [true, false]) {
      for (const node of this.nodes.values()) {
        if (isStateless(node.node.kind) === stateless) node.handle({ type: 'stop' });
      }
      await this.waitUntil(() =>
        this.all((node) => isStateless(node.node.kind) !== stateless || node.life.phase.name === 'stopped'),
      );
    }
    this.rotation?.cancel();
  }

  /** No politeness: every process is killed at once. Call `stop` before, or they start again. */
  killAll(): void {
    for (const node of this.nodes.values()) node.kill();
  }

  status(): NodeStatus[] {
    return [...this.nodes.values()].map(statusOf);
  }

  /** Crashes a component (SIGKILL); it is restarted like after any crash. Returns the process id. */
  kill(name: string): number {
    const node = this.running(name);
    const pid = node.pid as number;
    node.kill();
    return pid;
  }

  pause(name: string): void {
    this.running(name).handle({ type: 'pause' });
  }

  resume(name: string): void {
    this.running(name).handle({ type: 'resume' });
  }

  /** Stops a component politely and starts it again; resolves when it is ready. */
  async restart(name: string): Promise<void> {
    const node = this.find(name);
    node.handle({ type: 'restart' });
    await this.waitUntil(() => {
      const phase = node.life.phase.name;
      if (phase !== 'ready' && phase !== 'starting' && phase !== 'stopping') {
        throw new CodedError('NotReady', `${name} did not come back: ${node.life.lastExit ?? phase}`);
      }
      return phase === 'ready';
    });
  }

  private supervise(node: PlannedNode): SupervisedNode {
    const { commandOf, logDirectory, logLimits, policy, clock, random, logger } = this.options;
    const logFile = new LogFile(join(logDirectory, `${node.name}.log`), logLimits);
    this.logFiles.push(logFile);
    const supervised: SupervisedNode = new SupervisedNode({
      node,
      command: commandOf(node),
      logFile,
      policy,
      clock,
      random,
      logger,
      onStep: (event) => {
        this.options.onChange?.(statusOf(supervised), event);
        for (const wake of this.waiters.splice(0)) wake();
      },
    });
    return supervised;
  }

  private find(name: string): SupervisedNode {
    const node = this.nodes.get(name);
    if (node !== undefined) return node;
    const names = [...this.nodes.keys()].join(', ');
    throw new CodedError('NotFound', `There is no component ${JSON.stringify(name)}; there are ${names}`);
  }

  private running(name: string): SupervisedNode {
    const node = this.find(name);
    if (node.pid !== undefined) return node;
    throw new CodedError('NotReady', `${name} is not running now (${statusOf(node).state})`);
  }

  private all(condition: (node: SupervisedNode) => boolean): boolean {
    return [...this.nodes.values()].every(condition);
  }

  /** Resolves once the condition holds; it is asked again after each change of a component. */
  private async waitUntil(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  private scheduleRotation(): void {
    this.rotation = this.options.clock.setTimer(
      ROTATE_EVERY_MS,
      () => {
        for (const file of this.logFiles) {
          try {
            file.rotateIfLarge();
          } catch (error) {
            const reason = (error as Error).message;
            this.options.logger.warn({ file: file.path, reason }, 'A log file could not be rotated');
          }
        }
        this.scheduleRotation();
      },
      { background: true },
    );
  }
}
