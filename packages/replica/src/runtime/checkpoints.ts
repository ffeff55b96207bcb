import { isCodedError, type Clock, type Logger, type Timer } from '@everopen/core';
import type { OrderedLog, Position } from '../log/ordered-log.ts';
import type { ReplicaMutations } from '../replicated/mutations.ts';
import type { Store } from '../store/store.ts';

export interface CheckpointOptions {
  readonly store: Store;
  readonly log: OrderedLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A checkpoint is due after this many commands … */
  readonly commandsMax: number;
  /** … or this many bytes of commands … */
  readonly bytesMax: number;
  /** … or this long after the last one (or the last attempt), if there was any command. */
  readonly intervalMs: number;
  readonly onFatal: (error: unknown) => void;
  readonly mutations: ReplicaMutations;
}

/** From time to time makes the store durable, and lets the log forget what is durable there. */
export class Checkpoints {
  private readonly options: CheckpointOptions;
  private commands = 0;
  private bytes = 0;
  private lastMs: number;
  private trimmed: Position = 0;
  private running: Promise<void> | undefined;
  private timer: Timer | undefined;
  private stopped = false;

  constructor(options: CheckpointOptions) {
    this.options = options;
    this.lastMs = options.clock.monotonicMs();
  }

  /** Commands were applied. */
  applied(commands: number, bytes: number): void {
    this.commands += commands;
    this.bytes += bytes;
    this.consider();
  }

  /** Runs a checkpoint of all that is written now; after the one that runs, if one does. */
  async run(): Promise<void> {
    while (this.running !== undefined) await this.running;
    this.running = this.checkpoint().finally(() => {
      this.running = undefined;
      this.consider();
    });
    await this.running;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.running;
  }

  private consider(): void {
    const { commandsMax, bytesMax, intervalMs, clock } = this.options;
    if (this.stopped || this.running !== undefined || this.commands === 0) return;
    const dueMs = this.lastMs + intervalMs - clock.monotonicMs();
    if (this.commands >= commandsMax || this.bytes >= bytesMax || dueMs <= 0) {
      void this.run();
    } else {
      this.timer ??= clock.setTimer(dueMs, () => this.wake(), { background: true });
    }
  }

  private wake(): void {
    this.timer = undefined;
    this.consider();
  }

  private async checkpoint(): Promise<void> {
    const { store, log, clock, logger, onFatal, mutations } = this.options;
    this.commands = 0;
    this.bytes = 0;
    this.lastMs = clock.monotonicMs();
    try {
      const durable = await store.checkpoint();
      const upTo = mutations.trimBeforeCheckpoint === true ? store.position : durable;
      if (upTo <= this.trimmed || this.stopped) return;
      await log.trim(upTo);
      this.trimmed = upTo;
    } catch (error) {
      if (this.stopped) return;
      if (isCodedError(error, 'DiskFull') || isCodedError(error, 'Overloaded')) {
        logger.warn({ error: error.message }, 'No checkpoint this time');
        this.commands ||= 1; // what was applied is still not durable: due again after the interval
      } else {
        onFatal(error);
      }
    }
  }
}
