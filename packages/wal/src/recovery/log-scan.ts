import type { CodedError } from '@everopen/core';
import { segmentName } from '../format/file-names.ts';
import { FRAME_KIND, payloadAt, type Frame } from '../format/frame.ts';
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from '../format/segment-header.ts';
import { Extents } from '../log/extents.ts';
import type { WalMutations } from '../mutations.ts';
import { corrupt } from './corrupt.ts';
import { scanSegment } from './scan-segment.ts';

/** Where the log goes on. */
export interface LogTail {
  readonly segment: number;
  /** Where the next frame would stand. */
  readonly end: number;
  /** Where its last batch begins; `end` if there is none. */
  readonly lastBatch: number;
  /** False if any part of the segment may be in the page cache only, or be the remains of a write cut short. */
  readonly proven: boolean;
}

interface Suspect {
  readonly segment: number;
  readonly offset: number;
  readonly expected: number;
}

/**
 * Puts a log together from its segments, handed in one after the other, and decides what damage means.
 *
 * The rule: a batch is written only after the sync of the one before. So whatever is not valid although a
 * later batch has left any trace was durable once, and perhaps promised to somebody: that is `Corrupt`. What is
 * not valid at the very end is a write cut short by a crash, promised to nobody.
 */
export class LogScan {
  readonly extents: Extents = new Extents();
  private readonly directory: string;
  private readonly mutations: WalMutations;
  private readonly firstSegment: number;
  private lastSequence: number | undefined;
  /** Segments below this one may be missing. */
  private mayLackBelow = 1;
  private position: LogTail | undefined;
  private suspect: Suspect | undefined;
  private unused: number | undefined;

  constructor(directory: string, firstSegment: number, mutations: WalMutations) {
    this.directory = directory;
    this.firstSegment = firstSegment;
    this.mutations = mutations;
  }

  /** The last record; 0 in a log that never had any. */
  get last(): number {
    return this.lastSequence ?? 0;
  }

  get tail(): LogTail {
    const start = SEGMENT_HEADER_BYTES;
    return this.position ?? { segment: this.firstSegment, end: start, lastBatch: start, proven: false };
  }

  /** `bytes` is the whole file. Segments come in the order of their numbers, without gaps. */
  add(header: SegmentHeader, bytes: Buffer): void {
    const segment = header.number;
    const visit = (frame: Frame, offset: number): void => {
      if (this.suspect) throw this.damaged(this.suspect, frame.sequence);
      if (this.unused !== undefined) throw this.lost(this.unused, frame.sequence);
      this.take(frame, segment, offset, bytes);
    };
    if (this.suspect && this.mutations.truncateAtDamage) return;
    const scan = scanSegment(bytes, header.salt, visit, this.mutations.ignoreChecksum);
    if (scan.empty) this.unused ??= segment;
    else {
      const { end, lastBatch } = scan;
      this.position = { segment, end, lastBatch, proven: scan.proven && !scan.remains };
    }
    if (!scan.remains) return;
    if (this.suspect) throw this.damaged(this.suspect);
    if (this.unused !== undefined && this.unused < segment) throw this.lost(this.unused, this.last + 1);
    this.suspect = { segment, offset: scan.end, expected: this.last + 1 };
    if (scan.proofOfDamage && !this.mutations.truncateAtDamage) {
      throw this.damaged(this.suspect, scan.proofOfDamage.sequence);
    }
    if (this.position) this.position = { ...this.position, proven: false };
  }

  /** Call after the last segment. */
  finish(): void {
    if (this.firstSegment > this.mayLackBelow)
      throw this.lost(this.firstSegment - 1, this.extents.first ?? 1);
  }

  private take(frame: Frame, segment: number, offset: number, bytes: Buffer): void {
    const { kind, sequence } = frame;
    this.lastSequence ??= kind === FRAME_KIND.record ? sequence - 1 : sequence;
    const last = this.lastSequence;
    const fits =
      kind === FRAME_KIND.record
        ? sequence === last + 1
        : kind === FRAME_KIND.withdraw
          ? sequence <= last
          : sequence === last;
    if (!fits && !this.mutations.ignoreChecksum) {
      throw this.damaged({ segment, offset, expected: last + 1 }, sequence);
    }
    if (kind === FRAME_KIND.record) {
      this.extents.add({ segment, offset, end: frame.end, first: sequence, last: sequence });
    } else if (kind === FRAME_KIND.withdraw) {
      this.extents.withdraw(sequence);
    } else if (kind === FRAME_KIND.forget) {
      this.mayLackBelow = Math.max(this.mayLackBelow, payloadAt(bytes, offset).readUIntBE(0, 6));
    }
    this.lastSequence = sequence;
  }

  private damaged({ segment, offset, expected }: Suspect, seenBehind?: number): CodedError {
    const upTo =
      seenBehind !== undefined && seenBehind > expected
        ? `${expected} … ${seenBehind - 1}`
        : `from ${expected} on`;
    const file = `${this.directory}/${segmentName(segment)}`;
    return corrupt(
      `${file} is damaged at offset ${offset}: records ${upTo} were stored safely and cannot be read`,
      {
        file,
        offset,
        firstSequence: expected,
        ...(seenBehind !== undefined && seenBehind > expected && { lastSequence: seenBehind - 1 }),
      },
    );
  }

  private lost(segment: number, seenBehind: number): CodedError {
    const file = `${this.directory}/${segmentName(segment)}`;
    return corrupt(
      `${file} is missing or emptied: records before ${seenBehind} were stored safely and are lost`,
      {
        file,
        offset: SEGMENT_HEADER_BYTES,
        firstSequence: this.last + 1,
        lastSequence: seenBehind - 1,
      },
    );
  }
}
