import type { Clock, Timer } from '@everopen/core';
import type { World } from './world.ts';

/**
 * The clocks of one process in a world. It may run fast or slow, its calendar may be wrong and jump, it may
 * be paused (a long garbage collection, SIGSTOP: timers that fall due meanwhile fire when it goes on), and
 * it stops for ever when its process dies.
 */
export class SimulatedClock implements Clock {
  private readonly world: World;
  private readonly rate: number;
  private readonly bornMs: number;
  private unixOffsetMs = 0;
  private state: 'running' | 'paused' | 'stopped' = 'running';
  private held: (() => void)[] = [];

  /** @param options.rate seconds that this clock counts in a true second (default 1) */
  constructor(world: World, options: { rate?: number; unixOffsetMs?: number } = {}) {
    this.world = world;
    this.rate = options.rate ?? 1;
    this.bornMs = world.nowMs;
    this.unixOffsetMs = options.unixOffsetMs ?? 0;
  }

  monotonicMs(): number {
    return (this.world.nowMs - this.bornMs) * this.rate;
  }

  unixMs(): number {
    return (
      this.world.unixMs +
      Math.round(this.unixOffsetMs + this.monotonicMs() - (this.world.nowMs - this.bornMs))
    );
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    let cancelled = false;
    const fire = (): void => {
      if (cancelled || this.state === 'stopped') return;
      if (this.state === 'paused') this.held.push(fire);
      else callback();
    };
    const timer = this.world.after(delayMs / this.rate, fire);
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  /** The calendar jumps; intervals do not notice. */
  jumpUnix(byMs: number): void {
    this.unixOffsetMs += byMs;
  }

  pause(): void {
    if (this.state === 'running') this.state = 'paused';
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    for (const fire of this.held.splice(0)) this.world.after(0, fire);
  }

  /** The process is dead: no timer fires any more. */
  stop(): void {
    this.state = 'stopped';
    this.held = [];
  }
}
