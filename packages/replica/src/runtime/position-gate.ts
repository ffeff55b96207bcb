import { CodedError, type Clock, type Timer } from '@everopen/core';
import type { Position } from '../log/ordered-log.ts';

const SWEEP_MS = 50;

interface Waiter {
  readonly position: Position;
  readonly deadlineMs: number;
  resolve(): void;
  reject(error: CodedError): void;
}

export interface GateOptions {
  /** What moves, for messages: "state", "store". */
  readonly name: string;
  readonly clock: Clock;
  readonly waitMsMax: number;
  readonly waitersMax: number;
}

/** Lets callers wait until a position is reached: for a bounded time, and a bounded number of them. */
export class PositionGate {
  private readonly options: GateOptions;
  /** In the order of their positions, the lowest first. */
  private waiters: Waiter[] = [];
  private at: Position = 0;
  private closed: CodedError | undefined;
  private sweeper: Timer | undefined;

  constructor(options: GateOptions) {
    this.options = options;
  }

  get position(): Position {
    return this.at;
  }

  get waiting(): number {
    return this.waiters.length;
  }

  /** Resolves once `position` is reached; rejects with `NotCaughtUp`, or `Overloaded` when too many wait. */
  wait(position: Position): Promise<void> {
    if (this.closed !== undefined) return Promise.reject(this.closed);
    if (position <= this.at) return Promise.resolve();
    const { name, clock, waitMsMax, waitersMax } = this.options;
    if (this.waiters.length >= waitersMax) {
      return Promise.reject(
        new CodedError('Overloaded', `Too many calls wait for the ${name} (${waitersMax})`, {
          details: { limit: waitersMax },
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const waiter = { position, deadlineMs: clock.monotonicMs() + waitMsMax, resolve, reject };
      // Mostly the highest position so far: look from the end.
      let place = this.waiters.length;
      while (place > 0 && (this.waiters[place - 1] as Waiter).position > position) place--;
      this.waiters.splice(place, 0, waiter);
      this.sweeper ??= clock.setTimer(SWEEP_MS, () => this.sweep(), { background: true });
    });
  }

  advance(position: Position): void {
    this.at = position;
    let ready = 0;
    while (ready < this.waiters.length && (this.waiters[ready] as Waiter).position <= position) ready++;
    for (const waiter of this.waiters.splice(0, ready)) waiter.resolve();
  }

  /** Everybody who waits, and whoever comes later, is refused with this error. */
  close(error: CodedError): void {
    this.closed ??= error;
    this.sweeper?.cancel();
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
  }

  private sweep(): void {
    this.sweeper = undefined;
    const now = this.options.clock.monotonicMs();
    const late = this.waiters.filter((waiter) => waiter.deadlineMs <= now);
    if (late.length > 0) this.waiters = this.waiters.filter((waiter) => waiter.deadlineMs > now);
    for (const waiter of late) {
      waiter.reject(
        new CodedError(
          'NotCaughtUp',
          `The ${this.options.name} is at ${this.at}, not yet at ${waiter.position}`,
          {
            details: { position: this.at, wanted: waiter.position },
          },
        ),
      );
    }
    if (this.waiters.length > 0 && this.closed === undefined) {
      this.sweeper = this.options.clock.setTimer(SWEEP_MS, () => this.sweep(), { background: true });
    }
  }
}
