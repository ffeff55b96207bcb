import type { MemberId } from '../../model/processor.ts';

/**
 * Linearizable reads: a majority says, after the read began, that it is still in this ring, and the highest number it
 * knows. All reads that wait when a round begins share it.
 */
export class ReadRounds {
  /** The newest round begun here. */
  round = 0;
  current: number[] = [];
  private next: number[] = [];
  private readonly me: MemberId;
  private readonly majority: number;
  private echoers = new Set<MemberId>();
  private need = 0;

  constructor(members: readonly MemberId[], index: number, majority: number) {
    this.me = members[index] as MemberId;
    this.majority = majority;
  }

  add(id: number): void {
    this.next.push(id);
    if (this.current.length === 0) this.begin();
  }

  echoed(from: MemberId, round: number, maxK: number, counted: ReadonlySet<MemberId>): void {
    if (this.current.length === 0 || round < this.round || !counted.has(from)) return;
    this.echoers.add(from);
    this.need = Math.max(this.need, maxK);
  }

  /** The reads whose round is complete; the next round begins. */
  take(maxK: number, counted: ReadonlySet<MemberId>): { reads: readonly number[]; need: number } {
    const echoes = this.echoers.size + (counted.has(this.me) ? 1 : 0);
    if (this.current.length === 0 || echoes < this.majority) return { reads: [], need: 0 };
    const done = { reads: this.current, need: Math.max(this.need, maxK) };
    this.begin();
    return done;
  }

  /** For a mutant: without a round. */
  all(): { reads: readonly number[]; need: number } {
    const reads = [...this.current, ...this.next];
    this.current = [];
    this.next = [];
    return { reads, need: 0 };
  }

  private begin(): void {
    this.current = this.next;
    this.next = [];
    this.echoers = new Set();
    this.need = 0;
    if (this.current.length > 0) this.round++;
  }
}
