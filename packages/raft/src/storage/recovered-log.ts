import { CodedError } from '@everopen/core';
import type { Sequence, WalRecord } from '@everopen/wal';
import type { Entry, HardState, Index, RestoredState, SnapshotMeta } from '../core/types.ts';
import { decodeRecord } from './log-records.ts';

/**
 * Replays the records of a log. Its oldest records may be gone (whole segments are removed once a base is recorded), so
 * entries may come before the base that they follow.
 */
export class RecoveredLog {
  private hardState: HardState = { term: 0, votedFor: 0 };
  private base: SnapshotMeta | undefined;
  private entries: { readonly entry: Entry; readonly sequence: Sequence }[] = [];

  add(stored: WalRecord): void {
    const record = decodeRecord(stored);
    switch (record.kind) {
      case 'hardState':
        this.hardState = record.hardState;
        return;
      case 'entry':
        return this.addEntry(record.entry, stored.sequence);
      case 'base':
        this.base = record.meta;
        this.hardState = record.hardState;
        this.entries = record.replacesLog
          ? []
          : this.entries.filter(({ entry }) => entry.index > record.meta.index);
    }
  }

  /** Undefined if the log is empty. */
  finish(): { readonly restored: RestoredState; readonly sequences: Sequence[] } | undefined {
    if (this.base === undefined) {
      if (this.entries.length === 0 && this.hardState.term === 0) return undefined;
      throw new CodedError('Corrupt', 'The log does not say where it begins');
    }
    this.requireNext(this.base.index + 1, this.entries[0]?.entry.index);
    return {
      restored: {
        hardState: this.hardState,
        snapshot: this.base,
        entries: this.entries.map(({ entry }) => entry),
      },
      sequences: this.entries.map(({ sequence }) => sequence),
    };
  }

  private addEntry(entry: Entry, sequence: Sequence): void {
    const first = this.entries[0]?.entry.index ?? entry.index;
    this.entries.length = Math.max(0, Math.min(this.entries.length, entry.index - first));
    const last = this.entries.at(-1)?.entry.index;
    if (last !== undefined) this.requireNext(last + 1, entry.index);
    this.entries.push({ entry, sequence });
  }

  private requireNext(expected: Index, found: Index | undefined): void {
    if (found !== undefined && found !== expected) {
      throw new CodedError('Corrupt', `Entry ${found} follows where ${expected} is expected`);
    }
  }
}
