import type { Processor } from '../model/processor.ts';
import type { GroupSettings } from '../model/settings.ts';

interface Backoff {
  readonly incarnation: number;
  readonly delayMs: number;
  readonly untilMs: number;
}

/**
 * A member that can be heard but not agreed with (a link that works one way, or not with everybody) would make its group
 * form rings for ever. So whoever was left out for that is ignored for a while, twice as long each time.
 */
export class Backoffs {
  private readonly settings: GroupSettings;
  private readonly backoffs = new Map<number, Backoff>();

  constructor(settings: GroupSettings) {
    this.settings = settings;
  }

  leftOut({ id, incarnation }: Processor, nowMs: number): void {
    const { mergeBackoffMinMs, mergeBackoffMaxMs, mergePeaceMs } = this.settings;
    const last = this.backoffs.get(id);
    const again = last?.incarnation === incarnation && nowMs < last.untilMs + mergePeaceMs;
    const delayMs = again ? Math.min(2 * last.delayMs, mergeBackoffMaxMs) : mergeBackoffMinMs;
    this.backoffs.set(id, { incarnation, delayMs, untilMs: nowMs + delayMs });
  }

  isIgnored({ id, incarnation }: Processor, nowMs: number): boolean {
    const backoff = this.backoffs.get(id);
    return backoff !== undefined && incarnation <= backoff.incarnation && nowMs < backoff.untilMs;
  }
}
