import { assert } from '../model/assert.ts';
import { entryBytes, type LogEntry } from '../model/log-entry.ts';
import { sameRing, type RingId } from '../model/ring.ts';

/** Counts commands: the first of a log's life has position 1. */
export type Position = number;

/** The entries of one ring that stand together in a log, told by where they end. */
export interface Run {
  readonly ring: RingId;
  readonly end: Position;
}

/** The newest runs are enough to find where two logs part: more rings than this without a majority are not expected. */
const RUNS_TOLD_MAX = 64;

interface Placed {
  readonly entry: LogEntry;
  readonly end: Position;
}

/** The entries of a member's log, from the base (everything up to it is in a snapshot) to its end. */
export class ReplicatedLog {
  private placed: Placed[] = [];
  private baseRun: Run | undefined;

  /** Of a log that begins with a snapshot: the place of the last command in it. */
  constructor(base?: Run) {
    this.baseRun = base;
  }

  get base(): Position {
    return this.baseRun?.end ?? 0;
  }

  get length(): Position {
    return this.placed.at(-1)?.end ?? this.base;
  }

  append(entry: LogEntry): void {
    assert(entry.commands.length > 0, 'an entry has commands');
    this.placed.push({ entry, end: this.length + entry.commands.length });
  }

  /** Drops everything after a position, which must be the end of an entry. */
  cut(after: Position): LogEntry[] {
    const keep = this.indexAfter(after);
    assert((this.placed[keep - 1]?.end ?? this.base) === after, 'a log is cut between entries');
    return this.placed.splice(keep).map(({ entry }) => entry);
  }

  /** Forgets whole entries up to a position. */
  trim(upTo: Position): void {
    const keep = this.indexAfter(upTo);
    const last = this.placed[keep - 1];
    if (last === undefined) return;
    this.baseRun = { ring: last.entry.ring, end: last.end };
    this.placed = this.placed.slice(keep);
  }

  /** Where the parts of the rings end; the newest runs, oldest first. */
  runs(): Run[] {
    const runs: Run[] = this.baseRun === undefined ? [] : [this.baseRun];
    for (const { entry, end } of this.placed) {
      const last = runs.at(-1);
      if (last !== undefined && sameRing(last.ring, entry.ring)) runs.pop();
      runs.push({ ring: entry.ring, end });
    }
    return runs.slice(-RUNS_TOLD_MAX);
  }

  /** Whole entries after a position, up to `limit` bytes but at least one, none beyond `end`. */
  entries(after: Position, end: Position, limitBytes: number): LogEntry[] {
    const found: LogEntry[] = [];
    let bytes = 0;
    for (let i = this.indexAfter(after); i < this.placed.length; i++) {
      const placed = this.placed[i] as Placed;
      bytes += entryBytes(placed.entry);
      if (placed.end > end || (found.length > 0 && bytes > limitBytes)) break;
      found.push(placed.entry);
    }
    return found;
  }

  /** The commands from `first` to `last`; all of them must be here. */
  commands(first: Position, last: Position): Uint8Array[] {
    assert(first > this.base && last <= this.length, 'only what the log holds is read');
    const commands: Uint8Array[] = [];
    for (let i = this.indexAfter(first - 1); i < this.placed.length; i++) {
      const { entry, end } = this.placed[i] as Placed;
      const start = end - entry.commands.length;
      if (start >= last) break;
      commands.push(...entry.commands.slice(Math.max(0, first - 1 - start), last - start));
    }
    return commands;
  }

  /** The end of this ring's entries up to a place in its order; `undefined` if there are none. */
  endOf(ring: RingId, seq: number): Position | undefined {
    for (let i = this.placed.length - 1; i >= 0; i--) {
      const { entry, end } = this.placed[i] as Placed;
      if (!sameRing(entry.ring, ring)) return undefined;
      if (entry.seq <= seq) return end;
    }
    return undefined;
  }

  /** How many entries end at or before a position. */
  private indexAfter(position: Position): number {
    let low = 0;
    let high = this.placed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.placed[middle] as Placed).end <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Up to where two logs are equal, told from their runs: in a ring that both have entries of, both have the same ones, from
 * the same position on, so they are equal to where the shorter of the two ends.
 */
export function sharedLength(mine: readonly Run[], theirs: readonly Run[]): Position {
  let shared = 0;
  for (const run of mine) {
    const other = theirs.find(({ ring }) => sameRing(ring, run.ring));
    if (other !== undefined) shared = Math.max(shared, Math.min(run.end, other.end));
  }
  return shared;
}
