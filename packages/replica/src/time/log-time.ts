import type { TableSchema } from '../state/schema.ts';
import type { ResidentTable } from '../state/state-tables.ts';
import type { Tables } from '../state/tables.ts';

type ClockRow = { member: string; unix_ms: number };

export const CLOCKS: TableSchema<ClockRow> = {
  name: 'replica_clocks',
  comment: "The members' clocks as last reported in the log; log time is their median",
  columns: {
    member: { type: 'text', comment: 'who reported' },
    unix_ms: { type: 'integer', comment: 'its clock then, Unix milliseconds' },
  },
  primaryKey: ['member'],
  resident: true,
};

/**
 * Log time, the only clock of state machines: the median of what the configured members last reported, and
 * never less than before. A member that never reported counts as a clock at 0. So log time is at most what
 * the clock of some member in every majority showed, and while a majority reports, at least the slowest of
 * them: one clock that is wrong, in either direction, changes nothing among three or more.
 */
export class LogTime {
  private readonly clocks: ResidentTable<ClockRow>;
  private readonly members: readonly string[];

  constructor(tables: Tables, members: readonly string[]) {
    this.clocks = tables.resident(CLOCKS);
    this.members = members;
  }

  /** Within a command: takes a report in, and gives log time after it. Strangers are not listened to. */
  report(member: string, unixMs: number, logTimeMs: number): number {
    if (!this.members.includes(member)) return logTimeMs;
    this.clocks.put({ member, unix_ms: unixMs });
    const clocks = this.members.map((each) => this.clocks.get(each)?.unix_ms ?? 0);
    return Math.max(logTimeMs, median(clocks));
  }
}

/** Of an even number, the lower one in the middle: nobody alone can push it ahead. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => b - a);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
