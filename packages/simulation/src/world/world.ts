import type { Random, Timer } from '@everopen/core';
import { Trace } from '../trace/trace.ts';
import { EventQueue } from './event-queue.ts';
import { randomStream } from './random-stream.ts';

/** Virtual 1 January 2026, 00:00 UTC: where every world's calendar starts. */
const EPOCH_UNIX_MS = 1_767_225_600_000;
/** A world in which this many events share one instant is stuck in a loop. */
const MAX_EVENTS_PER_INSTANT = 1_000_000;

export interface WorldOptions {
  /** The one integer from which everything follows; 0 … 2^52 − 1. */
  readonly seed: number;
  /** How many of the last trace lines are kept for the story of a failure. Default: 20,000. */
  readonly maxTraceLines?: number;
}

/**
 * A virtual world: time, chance and a record of what happened. Nothing in it waits for real time.
 *
 * Time stands still while code runs. `run` takes one event after the other, in the order of their times and
 * then of their scheduling; after each, every promise that can continue has continued before the next
 * event is taken. So ordinary async code runs in it, and runs the same way each time, as long as it touches
 * the outside only through what the world gives: clocks, disks, networks, random streams.
 *
 * ```ts
 * const world = new World({ seed: 42 });
 * world.after(10, () => world.trace.note('shop', 'opens'));
 * await world.run(1_000);
 * ```
 */
export class World {
  readonly seed: number;
  readonly trace: Trace;
  private readonly queue = new EventQueue();
  private readonly failures: unknown[] = [];
  private now = 0;
  private running = false;
  private stopped = false;
  private events = 0;

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.trace = new Trace(() => this.now, options.maxTraceLines);
  }

  /** Virtual milliseconds since the world began. */
  get nowMs(): number {
    return this.now;
  }

  /** Virtual milliseconds since 1970; whole. */
  get unixMs(): number {
    return EPOCH_UNIX_MS + Math.floor(this.now);
  }

  /** Events taken so far. */
  get eventCount(): number {
    return this.events;
  }

  /** An independent stream of random numbers; the same name and seed give the same numbers. */
  random(name: string): Random {
    return randomStream(this.seed, name);
  }

  /** Calls back at a virtual time; at once after the current event if it has passed. */
  at(atMs: number, callback: () => void): Timer {
    const event = this.queue.push(Math.max(this.now, atMs), callback);
    return { cancel: () => void (event.run = undefined) };
  }

  /** Calls back after a virtual delay. */
  after(delayMs: number, callback: () => void): Timer {
    return this.at(this.now + Math.max(0, delayMs), callback);
  }

  /** Resolves after a virtual delay. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /** Runs an async activity inside the world; if it rejects, `run` rejects with its error. */
  spawn(activity: () => Promise<void>): void {
    this.after(0, () => {
      activity().catch((error: unknown) => this.fail(error));
    });
  }

  /** Ends the run with this error once the current event is over. */
  fail(error: unknown): void {
    this.failures.push(error);
  }

  /** Ends the run once the current event is over. */
  stop(): void {
    this.stopped = true;
  }

  /**
   * Lets the world go on until a virtual time (or until nothing is left to happen, or `stop`). Rejects with
   * the first error thrown by a callback or a spawned activity. Can be called again to go further.
   */
  async run(untilMs: number): Promise<void> {
    if (this.running) throw new Error('The world is running already');
    this.running = true;
    this.stopped = false;
    try {
      await drainMicrotasks();
      let sameInstant = 0;
      for (;;) {
        if (this.failures.length > 0) throw this.failures[0];
        if (this.stopped) return;
        const event = this.queue.peek();
        if (event === undefined || event.atMs > untilMs) break;
        this.queue.pop();
        if (event.run === undefined) continue;
        sameInstant = event.atMs === this.now ? sameInstant + 1 : 0;
        if (sameInstant > MAX_EVENTS_PER_INSTANT) throw new Error(`Time stands still at ${this.now} ms`);
        this.now = event.atMs;
        this.events++;
        event.run();
        await drainMicrotasks();
      }
      this.now = Math.max(this.now, untilMs);
    } finally {
      this.running = false;
    }
  }

  /** Runs until `condition` holds; false if it does not by `deadlineMs`. Checked after every event. */
  async runUntil(condition: () => boolean, deadlineMs: number): Promise<boolean> {
    while (!condition()) {
      const next = this.queue.peek();
      if (next === undefined || next.atMs > deadlineMs) {
        await this.run(deadlineMs);
        return condition();
      }
      await this.run(next.atMs);
    }
    return true;
  }
}

/** Microtasks, and those that they queue, all run before a check-phase callback does. */
function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
