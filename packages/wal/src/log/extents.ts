import type { Sequence } from './write-ahead-log.ts';

/** A stretch of one segment in which live records stand one behind the other. */
export interface Extent {
  readonly segment: number;
  readonly offset: number;
  /** Nothing of the extent lies at or behind this offset. */
  end: number;
  readonly first: Sequence;
  last: Sequence;
}

/** Larger ones are not extended, so that a reader can begin near the record it wants. */
const EXTENT_BYTES = 256 * 1024;

/**
 * Where the live records are: extents in the order of their records, without gaps. Records withdrawn by a
 * truncation of the suffix stay in the files, but in no extent.
 */
export class Extents {
  private list: Extent[] = [];
  private closed = false;
  private changes = 0;

  /** Grows whenever records disappear. */
  get version(): number {
    return this.changes;
  }

  get first(): Sequence | undefined {
    return this.list[0]?.first;
  }

  /** Adds a run of records; it continues the last record. */
  add(run: Extent): void {
    const last = this.list.at(-1);
    if (last && run.first !== last.last + 1) {
      throw new Error(`Record ${run.first} cannot follow record ${last.last}`);
    }
    if (last && !this.closed && last.segment === run.segment && run.end - last.offset <= EXTENT_BYTES) {
      last.end = run.end;
      last.last = run.last;
    } else {
      this.list.push({ ...run });
      this.closed = false;
    }
  }

  /** Drops every record after `after`. */
  withdraw(after: Sequence): void {
    this.changes++;
    this.closed = true;
    while ((this.list.at(-1)?.first ?? 0) > after) this.list.pop();
    const last = this.list.at(-1);
    if (last) last.last = Math.min(last.last, after);
  }

  /** Drops every record in segments below `segment`. */
  forget(segment: number): void {
    this.changes++;
    this.list = this.list.filter((extent) => extent.segment >= segment);
  }

  /** The last live record of a segment; 0 if there is none. */
  lastOf(segment: number): Sequence {
    return this.list.findLast((extent) => extent.segment === segment)?.last ?? 0;
  }

  /** The extent that holds a record. */
  find(sequence: Sequence): Extent | undefined {
    let low = 0;
    let high = this.list.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const extent = this.list[middle] as Extent;
      if (sequence < extent.first) high = middle - 1;
      else if (sequence > extent.last) low = middle + 1;
      else return extent;
    }
    return undefined;
  }
}
