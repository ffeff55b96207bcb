import { EMPTY, rangesOf, subtract, union, upTo, type Ranges } from '../model/ranges.ts';

/** An item so far beyond what was freed is not taken: flow control keeps honest members well below it. */
const CAPACITY = 65_536;

/** Numbered items 1, 2, 3 … that arrive in any order, and are forgotten from the front once nobody needs them. */
export class StreamStore<T> {
  private readonly items = new Map<number, T>();
  private contiguousUpTo = 0;
  private freedUpTo = 0;
  private highestHeld = 0;

  /** Everything from 1 to here is or was held. */
  get contiguous(): number {
    return this.contiguousUpTo;
  }

  get freed(): number {
    return this.freedUpTo;
  }

  get highest(): number {
    return this.highestHeld;
  }

  /** False if it was there already, or is beyond the capacity. */
  add(seq: number, item: T): boolean {
    if (this.has(seq) || seq > this.freedUpTo + CAPACITY) return false;
    this.items.set(seq, item);
    this.highestHeld = Math.max(this.highestHeld, seq);
    while (this.items.has(this.contiguousUpTo + 1)) this.contiguousUpTo++;
    return true;
  }

  has(seq: number): boolean {
    return seq <= this.contiguousUpTo || this.items.has(seq);
  }

  /** Undefined for what is not held any more, too. */
  get(seq: number): T | undefined {
    return this.items.get(seq);
  }

  /** Forgets everything up to here, at most to the first gap. */
  free(seq: number): void {
    const end = Math.min(seq, this.contiguousUpTo);
    while (this.freedUpTo < end) this.items.delete(++this.freedUpTo);
  }

  /** What is or was held. */
  ranges(): Ranges {
    if (this.highestHeld <= this.contiguousUpTo) return upTo(this.contiguousUpTo);
    const beyond = [...this.items.keys()].filter((seq) => seq > this.contiguousUpTo);
    return union(upTo(this.contiguousUpTo), rangesOf(beyond));
  }

  /** What is missing up to here. */
  missing(limit: number): Ranges {
    return limit <= this.contiguousUpTo ? EMPTY : subtract(upTo(limit), this.ranges());
  }
}
