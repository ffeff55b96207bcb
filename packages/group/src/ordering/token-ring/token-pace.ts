import type { GroupSettings } from '../../model/settings.ts';

/** After a lost token, every token is sent twice for so long. */
const TROUBLED_MS = 1_000;
/** Weight of the newest rotation in the smoothed one. */
const SMOOTHING = 1 / 8;

/** How fast the token goes round, and so how soon a token that is not heard of again counts as lost. */
export class TokenPace {
  private readonly settings: GroupSettings;
  private lastArrivalMs: number | undefined;
  private rotationMs = 0;
  private troubledUntilMs = -Infinity;

  constructor(settings: GroupSettings) {
    this.settings = settings;
  }

  arrived(nowMs: number): void {
    if (this.lastArrivalMs !== undefined) {
      // One that was parked or lost says nothing about the pace.
      const rotation = Math.min(nowMs - this.lastArrivalMs, this.settings.tokenRetransmitMaxMs);
      this.rotationMs += (rotation - this.rotationMs) * SMOOTHING;
    }
    this.lastArrivalMs = nowMs;
  }

  lost(nowMs: number): void {
    this.troubledUntilMs = nowMs + TROUBLED_MS;
  }

  isTroubled(nowMs: number): boolean {
    return nowMs < this.troubledUntilMs;
  }

  /** A quiet token is parked somewhere for a keepalive, and only then expected back. */
  retransmitMs(quiet: boolean): number {
    const { tokenRetransmitMinMs: min, tokenRetransmitMaxMs: max, keepaliveMs } = this.settings;
    const adaptive = Math.min(max, Math.max(min, 3 * this.rotationMs));
    return quiet ? keepaliveMs + adaptive : adaptive;
  }
}
