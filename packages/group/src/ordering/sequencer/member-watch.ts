import type { OrderingContext } from '../ordering-engine.ts';
import type { Knowledge } from './knowledge.ts';

/** Notices members that have fallen silent, and such as speak but receive nothing any more. */
export class MemberWatch {
  readonly checkMs: number;
  private readonly context: OrderingContext;
  private readonly index: number;
  private readonly heardMs: number[];
  private readonly movedMs: number[];
  private readonly lastAcks: number[];

  constructor(context: OrderingContext, index: number) {
    this.context = context;
    this.index = index;
    this.checkMs = context.settings.tokenLossMs / 4;
    this.heardMs = context.ring.members.map(() => 0);
    this.movedMs = context.ring.members.map(() => 0);
    this.lastAcks = context.ring.members.map(() => 0);
  }

  start(): void {
    this.heardMs.fill(this.context.nowMs());
    this.movedMs.fill(this.context.nowMs());
  }

  heard(member: number): void {
    this.heardMs[member] = this.context.nowMs();
  }

  check({ acks, maxK }: Knowledge): void {
    const { settings, ring } = this.context;
    const now = this.context.nowMs();
    for (const [i, { id }] of ring.members.entries()) {
      if (i === this.index) continue;
      if (now - (this.heardMs[i] as number) > settings.tokenLossMs) {
        this.context.lose(`nothing is heard of member ${id}`);
        return;
      }
      const ack = acks[i] as number;
      const behindMe = ack < maxK && ack < (acks[this.index] as number);
      if (!behindMe || ack !== this.lastAcks[i]) this.movedMs[i] = now;
      this.lastAcks[i] = ack;
      if (now - (this.movedMs[i] as number) > settings.stuckMs) {
        this.context.accuse(id, 'it has received nothing for too long');
        return;
      }
    }
  }
}
