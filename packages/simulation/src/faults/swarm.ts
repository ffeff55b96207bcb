import type { Random } from '@everopen/core';
import type { Fault, FaultSchedule, ScheduledFault } from './fault-schedule.ts';

/** One kind of fault that may be drawn. */
export interface FaultSource<F extends Fault> {
  /** The name under which the kind is switched on or off for a seed. */
  readonly name: string;
  /** The mean time between two of them, in virtual ms, when the kind is on at rate 1. */
  readonly meanIntervalMs: number;
  /** Draws a fault that begins now, and what heals it some time later (nothing for one that heals itself). */
  draw(random: Random): {
    readonly fault: F;
    readonly heal?: { readonly afterMs: number; readonly fault: F };
  };
}

export interface SwarmOptions<F extends Fault> {
  readonly sources: readonly FaultSource<F>[];
  /** Faults begin from here … */
  readonly fromMs?: number;
  /** … until here; heals may come up to this time, and those due later come at it. */
  readonly untilMs: number;
  /** At most so many faults. Default: 200. */
  readonly maxFaults?: number;
}

/**
 * A random schedule in the manner of swarm testing (Groce et al., 2012): each kind of fault is on or off for
 * the whole run, and each that is on has its own rate between a third and three times its mean. Runs with
 * few kinds at a high rate reach states that "everything a little" never reaches.
 */
export function drawSwarm<F extends Fault>(random: Random, options: SwarmOptions<F>): FaultSchedule<F> {
  const { sources, fromMs = 0, untilMs, maxFaults = 200 } = options;
  const schedule: ScheduledFault<F>[] = [];
  let faults = 0;
  for (const source of sources) {
    if (random.chance(0.5)) continue;
    const meanMs = source.meanIntervalMs * 3 ** (2 * random.float() - 1);
    let atMs = fromMs;
    for (;;) {
      atMs += -Math.log(1 - random.float()) * meanMs;
      if (atMs >= untilMs || faults >= maxFaults) break;
      faults++;
      const { fault, heal } = source.draw(random);
      schedule.push({ atMs, fault });
      if (heal) schedule.push({ atMs: Math.min(untilMs, atMs + heal.afterMs), fault: heal.fault });
    }
  }
  return schedule.sort((a, b) => a.atMs - b.atMs);
}
