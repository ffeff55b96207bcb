import type { World } from '../world/world.ts';

/** A fault as data: a kind, and whatever that kind needs. JSON-safe, so that a schedule can be kept. */
export interface Fault {
  readonly kind: string;
}

export interface ScheduledFault<F extends Fault = Fault> {
  readonly atMs: number;
  readonly fault: F;
}

/** When what goes wrong, or is healed. The order of entries with one time is the order of the list. */
export type FaultSchedule<F extends Fault = Fault> = readonly ScheduledFault<F>[];

/** Puts a schedule into a world; `apply` makes each fault happen, and the trace tells of it. */
export function scheduleFaults<F extends Fault>(
  world: World,
  schedule: FaultSchedule<F>,
  apply: (fault: F) => void,
): void {
  for (const { atMs, fault } of schedule) {
    world.at(atMs, () => {
      world.trace.note('fault', describeFault(fault));
      apply(fault);
    });
  }
}

/** `crash machine=b power=true`: the fault in a line. */
export function describeFault(fault: Fault): string {
  const facts = Object.entries(fault)
    .filter(([name]) => name !== 'kind')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [fault.kind, ...facts].join(' ');
}
