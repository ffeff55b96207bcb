import { assert } from './assert.ts';
import type { Configuration, Entry, Index, SnapshotMeta, Term } from './types.ts';

/** What an entry costs in memory beside its data; limits are counted with it. */
const ENTRY_OVERHEAD_BYTES = 64;

export interface SliceLimits {
  readonly last: Index;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** What others may see of a log. */
export type RaftLogView = Pick<
  RaftLog,
  | 'snapshot'
  | 'lastIndex'
  | 'lastTerm'
  | 'configuration'
  | 'configurationIndex'
  | 'termAt'
  | 'entryAt'
  | 'slice'
  | 'commandsUpTo'
  | 'indexOfCommand'
  | 'bytesBetween'
  | 'metaAt'
>;

/** An entry with running totals, so that any stretch of the log is measured with one subtraction. */
interface Held {
  readonly entry: Entry;
  /** Commands up to and including this entry, since the beginning of the log. */
  readonly commands: number;
  /** Bytes up to and including this entry, since this process began. */
  readonly bytes: number;
}

/**
 * The replicated log in memory: a snapshot's place, then entries without a gap. Knows nothing of roles,
 * commitment or disks.
 *
 * Invariant: `held[i].entry.index === base.index + 1 + i`, and terms never fall.
 */
export class RaftLog {
  private base: SnapshotMeta;
  private baseBytes = 0;
  private held: Held[] = [];
  /** Configurations by the index of their entry, the one in force last (paper, §6). */
  private configurations: { readonly index: Index; readonly configuration: Configuration }[];

  constructor(snapshot: SnapshotMeta, entries: readonly Entry[]) {
    this.base = snapshot;
    this.configurations = [snapshot];
    this.append(entries);
  }

  /** Where the log begins: everything up to here is known by its effect only. */
  get snapshot(): SnapshotMeta {
    return this.base;
  }

  get lastIndex(): Index {
    return this.base.index + this.held.length;
  }

  get lastTerm(): Term {
    return this.held.at(-1)?.entry.term ?? this.base.term;
  }

  /** The last configuration in the log, committed or not. */
  get configuration(): Configuration {
    return this.newestConfiguration.configuration;
  }

  /** The one before the last; undefined if the log does not reach back to it. */
  get previousConfiguration(): Configuration | undefined {
    return this.configurations.at(-2)?.configuration;
  }

  /** Where the configuration in force was appended: no other may follow before it is committed. */
  get configurationIndex(): Index {
    return this.newestConfiguration.index;
  }

  /** The term of an entry; undefined if it is compacted away or not there yet. */
  termAt(index: Index): Term | undefined {
    return index === this.base.index ? this.base.term : this.entryAt(index)?.term;
  }

  entryAt(index: Index): Entry | undefined {
    return this.held[index - this.base.index - 1]?.entry;
  }

  /** Entries from `from` on, until a limit is reached; at least one, if there is one. */
  slice(from: Index, { last, maxEntries, maxBytes }: SliceLimits): Entry[] {
    const taken: Entry[] = [];
    const end = Math.min(last, from + maxEntries - 1);
    for (let index = from; index <= end; index++) {
      const entry = this.entryAt(index);
      if (entry === undefined) break;
      if (taken.length > 0 && this.bytesBetween(from - 1, index) > maxBytes) break;
      taken.push(entry);
    }
    return taken;
  }

  /** How many commands the log holds up to an index, since its very beginning. */
  commandsUpTo(index: Index): number {
    return this.totals(index).commands;
  }

  /** The index of the n-th command; undefined if it is compacted away or not there yet. */
  indexOfCommand(nth: number): Index | undefined {
    if (nth <= this.base.commands || nth > this.commandsUpTo(this.lastIndex)) return undefined;
    let low = 0;
    let high = this.held.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.held[middle] as Held).commands < nth) low = middle + 1;
      else high = middle;
    }
    return this.base.index + 1 + low;
  }

  /** The size of the entries after one index up to another; 0 if there are none. */
  bytesBetween(after: Index, upTo: Index): number {
    return after >= upTo ? 0 : this.totals(upTo).bytes - this.totals(after).bytes;
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      assert(entry.index === this.lastIndex + 1, 'entries are appended without a gap');
      assert(entry.term >= this.lastTerm, 'terms in a log never fall');
      const { commands, bytes } = this.totals(this.lastIndex);
      const isCommand = entry.kind === 'command';
      this.held.push({
        entry,
        commands: commands + (isCommand ? 1 : 0),
        bytes: bytes + ENTRY_OVERHEAD_BYTES + (isCommand ? entry.data.length : 0),
      });
      if (entry.kind === 'configuration') this.configurations.push(entry);
    }
  }

  /** Drops `from` and everything behind it; configurations that stood there are no longer in force. */
  truncate(from: Index): void {
    assert(from > this.base.index, 'a snapshot is never truncated');
    this.held.length = Math.min(this.held.length, from - this.base.index - 1);
    while (this.configurationIndex >= from) this.configurations.pop();
  }

  /** What a snapshot of the state at `index` has to say of the log. */
  metaAt(index: Index): SnapshotMeta {
    const term = this.termAt(index);
    const covered = this.configurations.findLast((known) => known.index <= index);
    assert(term !== undefined && covered !== undefined, 'a snapshot is taken of what is in the log');
    return { index, term, commands: this.commandsUpTo(index), configuration: covered.configuration };
  }

  /** Forgets everything up to `index`, which a snapshot of the state covers. */
  compact(index: Index): void {
    const base = this.metaAt(index);
    this.baseBytes = this.totals(index).bytes;
    this.held.splice(0, index - this.base.index);
    this.base = base;
    this.configurations = [base, ...this.configurations.filter((known) => known.index > index)];
  }

  /** Replaces everything by a snapshot. */
  reset(snapshot: SnapshotMeta): void {
    this.base = snapshot;
    this.baseBytes = 0;
    this.held = [];
    this.configurations = [snapshot];
  }

  /** Whether a log that ends so is at least as up-to-date as this one (paper, §5.4.1). */
  isUpToDate(lastIndex: Index, lastTerm: Term): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }

  /** Totals at an index; what lies before the log counts as its beginning. */
  private totals(index: Index): { readonly commands: number; readonly bytes: number } {
    const held = this.held[Math.min(index, this.lastIndex) - this.base.index - 1];
    return held ?? { commands: this.base.commands, bytes: this.baseBytes };
  }

  private get newestConfiguration(): { readonly index: Index; readonly configuration: Configuration } {
    const newest = this.configurations.at(-1);
    assert(newest !== undefined, 'the log begins with a configuration');
    return newest;
  }
}
