import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Clock, Logger, Random, Timer } from '@everopen/core';
import type { NodeMessage } from '../node/node-messages.ts';
import type { PlannedNode } from '../topology/topology.ts';
import type { LogFile } from '../logs/log-file.ts';
import { NEWBORN, stepNodeLife, type NodeEffect, type NodeEvent, type NodeLife } from './node-life.ts';
import type { RestartPolicy } from './restart-delay.ts';

export interface NodeCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface SupervisedNodeOptions {
  readonly node: PlannedNode;
  readonly command: NodeCommand;
  readonly logFile: LogFile;
  readonly policy: RestartPolicy & { readonly stopTimeoutMs: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** After every step of the node's life. */
  readonly onStep: (event: NodeEvent) => void;
}

export interface Weight {
  readonly rssBytes: number;
  readonly cpuMs: number;
  readonly role?: string | undefined;
}

/** The shell around one `NodeLife`: a process, its signals and its timers. */
export class SupervisedNode {
  readonly node: PlannedNode;
  life: NodeLife = NEWBORN;
  /** As last told by the process; undefined while it has said nothing. */
  weight: Weight | undefined;
  /** From spawning to its first readiness, in milliseconds. */
  startedInMs: number | undefined;
  private readonly options: SupervisedNodeOptions;
  private process: ChildProcess | undefined;
  private restartTimer: Timer | undefined;
  private stopTimer: Timer | undefined;
  private spawnedAtMs = 0;

  constructor(options: SupervisedNodeOptions) {
    this.options = options;
    this.node = options.node;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Milliseconds since its process was started; undefined without one. */
  get uptimeMs(): number | undefined {
    return this.process === undefined ? undefined : this.options.clock.monotonicMs() - this.spawnedAtMs;
  }

  handle(event: NodeEvent): void {
    const { clock, random, policy } = this.options;
    const nowMs = clock.monotonicMs();
    const { life, effects } = stepNodeLife(this.life, event, { nowMs, random, policy });
    this.life = life;
    for (const effect of effects) this.perform(effect);
    this.options.onStep(event);
  }

  /** SIGKILL, as a crash would be. False if there is no process. */
  kill(): boolean {
    return this.process?.kill('SIGKILL') ?? false;
  }

  private perform(effect: NodeEffect): void {
    const { clock, policy } = this.options;
    switch (effect.type) {
      case 'spawn':
        return this.spawn();
      case 'signal':
        this.process?.kill(effect.signal);
        return;
      case 'restartAfter':
        this.restartTimer = clock.setTimer(effect.delayMs, () => this.handle({ type: 'restartDue' }));
        return;
      case 'forgetRestart':
        this.restartTimer?.cancel();
        return;
      case 'watchStop':
        this.stopTimer = clock.setTimer(policy.stopTimeoutMs, () => this.handle({ type: 'stopOverdue' }));
        return;
    }
  }

  private spawn(): void {
    const { command, logFile, clock, logger } = this.options;
    this.spawnedAtMs = clock.monotonicMs();
    this.weight = undefined;
    this.startedInMs = undefined;
    // The process writes to the log file itself: its last words are kept even if the supervisor is gone.
    const log = logFile.openForAppend();
    const child = spawn(command.file, command.args, {
      env: command.environment,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.process = child;
    child.on('message', (message) => this.hear(message as NodeMessage));
    child.once('error', (error) => {
      logger.error({ node: this.node.name, reason: error.message }, 'The process could not be started');
      if (child.pid === undefined) this.ended(child, null, 'could not be started');
    });
    child.once('exit', (code, signal) => this.ended(child, code, signal));
  }

  private hear(message: NodeMessage): void {
    if (message.type === 'weight') this.weight = message;
    else {
      this.startedInMs = this.options.clock.monotonicMs() - this.spawnedAtMs;
      this.handle({ type: 'ready', address: message.address });
    }
  }

  private ended(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.process !== child) return;
    this.process = undefined;
    this.weight = undefined;
    this.stopTimer?.cancel();
    this.handle({ type: 'exited', code, signal });
  }
}
