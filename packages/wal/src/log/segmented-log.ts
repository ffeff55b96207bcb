import { CodedError, isCodedError, type Disk, type Timer } from '@everopen/core';
import { FRAME_HEADER_BYTES, FRAME_KIND, frameBytes, singleFrame, type FrameKind } from '../format/frame.ts';
import type { DirectoryLock } from '../lock/lock-directory.ts';
import { leaveFailureMarker } from '../recovery/failure-marker.ts';
import type { RecoveredLog } from '../recovery/recover.ts';
import { SegmentChain } from '../segments/segment-chain.ts';
import { DurabilityWaiters } from './durability-waiters.ts';
import type { Extents } from './extents.ts';
import { PendingFrames, type Batch } from './pending-frames.ts';
import { readRecords } from './read-records.ts';
import type { WalSettings } from './settings.ts';
import type { Sequence, WalRecord, WriteAheadLog } from './write-ahead-log.ts';

/** More than this is written in several batches, so that the first waiters need not wait for it all. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const NO_PAYLOAD = new Uint8Array(0);

/** The log while it runs. One loop writes; everything else only puts frames into `pending`. */
export class SegmentedLog implements WriteAheadLog {
  onDurable: ((durable: Sequence) => void) | undefined;
  onFailed: ((error: CodedError) => void) | undefined;

  private readonly disk: Disk;
  private readonly settings: WalSettings;
  private readonly lock: DirectoryLock;
  private readonly extents: Extents;
  private readonly segments: SegmentChain;
  private readonly pending = new PendingFrames();
  private readonly waiters = new DurabilityWaiters();
  /** Those who wait for truncations, in the order of the frames. */
  private readonly truncations: TruncationWaiter[] = [];
  /** Truncations of the suffix not yet durable: nothing after the lowest of them counts as durable. */
  private readonly withdrawals: Sequence[] = [];

  private appendedSequence: Sequence;
  private durableSequence: Sequence;
  /** The last record as the files have it: of the last batch written. */
  private writtenSequence: Sequence;
  private inFlightBytes = 0;
  private writing = false;
  private loop: Promise<void> = Promise.resolve();
  private removal: Promise<void> = Promise.resolve();
  /** Whether anything but a marker was written since the last marker. */
  private unproven: boolean;
  private lastBatchMs: number;
  private idleTimer: Timer | undefined;
  private failure: CodedError | undefined;
  private closing: Promise<void> | undefined;

  constructor(disk: Disk, settings: WalSettings, lock: DirectoryLock, recovered: RecoveredLog) {
    this.disk = disk;
    this.settings = settings;
    this.lock = lock;
    this.extents = recovered.extents;
    this.appendedSequence = recovered.last;
    this.durableSequence = recovered.last;
    this.writtenSequence = recovered.last;
    this.segments = new SegmentChain(disk, settings, recovered, (error) => this.fail(error));
    this.unproven = !recovered.proven;
    this.lastBatchMs = settings.clock.monotonicMs();
    this.watchForIdleness();
  }

  get first(): Sequence {
    return Math.min(this.extents.first ?? Infinity, this.appendedSequence + 1);
  }

  get appended(): Sequence {
    return this.appendedSequence;
  }

  get durable(): Sequence {
    return this.durableSequence;
  }

  get size(): number {
    return this.segments.bytes;
  }

  get failed(): CodedError | undefined {
    return this.failure;
  }

  get waitingForSpace(): CodedError | undefined {
    return this.segments.full;
  }

  append(payload: Uint8Array, type: number = 0): Sequence {
    this.refuseUnlessOpen();
    if (this.segments.full) throw this.segments.full;
    if (!Number.isInteger(type) || type < 0 || type > 255) {
      throw invalid('type', `A record's type is a whole number from 0 to 255, not ${type}`);
    }
    const { maxRecordBytes } = this.settings;
    if (payload.length > maxRecordBytes) {
      throw new CodedError(
        'PayloadTooLarge',
        `A record of ${payload.length} bytes; ${maxRecordBytes} are allowed`,
        {
          details: { bytes: payload.length, limit: maxRecordBytes },
        },
      );
    }
    this.take(FRAME_KIND.record, this.appendedSequence + 1, type, payload);
    return ++this.appendedSequence;
  }

  whenDurable(sequence: Sequence): Promise<void> {
    if (sequence <= this.durableSequence) return Promise.resolve();
    if (this.failure) return Promise.reject(this.failure);
    if (!(sequence <= this.appendedSequence)) {
      return Promise.reject(invalid('sequence', `Record ${sequence} was never appended`));
    }
    return this.waiters.add(sequence);
  }

  read(from: Sequence): AsyncIterable<readonly WalRecord[]> {
    return readRecords(
      {
        disk: this.disk,
        directory: this.settings.directory,
        extents: this.extents,
        range: () => ({ first: this.first, durable: this.durableSequence }),
      },
      from,
    );
  }

  async truncateSuffix(after: Sequence): Promise<void> {
    this.refuseUnlessOpen();
    if (!Number.isInteger(after) || after < this.first - 1 || after > this.appendedSequence) {
      throw invalid(
        'after',
        `after is ${after}, and must be in ${this.first - 1} … ${this.appendedSequence}`,
      );
    }
    const done = this.takeTruncation(FRAME_KIND.withdraw, after, NO_PAYLOAD);
    this.withdrawals.push(after);
    this.appendedSequence = after;
    this.durableSequence = Math.min(this.durableSequence, after);
    this.waiters.rejectAfter(
      after,
      new CodedError('NotFound', `Records after ${after} were truncated before they were durable`, {
        details: { after },
      }),
    );
    if (!this.settings.mutations.acknowledgeTruncationEarly) await done;
  }

  async truncatePrefix(upTo: Sequence): Promise<void> {
    this.refuseUnlessOpen();
    if (!Number.isInteger(upTo) || upTo < 0 || upTo > this.durableSequence) {
      throw invalid('upTo', `upTo is ${upTo}, and must be in 0 … ${this.durableSequence}`);
    }
    const removal = this.removal.then(() => this.removeSegments(upTo));
    this.removal = removal.catch(() => {}); // the caller hears of it, and so does whoever uses the log
    await removal;
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private refuseUnlessOpen(): void {
    if (this.failure) throw this.failure;
    if (this.closing) throw new CodedError('Closed', 'The log is closed');
  }

  /** Puts a frame in line for the disk. */
  private take(kind: FrameKind, sequence: Sequence, type: number, payload: Uint8Array): void {
    const buffered = this.pending.bytes + this.inFlightBytes + frameBytes(payload.length);
    const limit = this.settings.maxBufferedBytes;
    if (buffered > limit) {
      throw new CodedError('Overloaded', `More than ${limit} bytes wait for the disk`, {
        details: { limit },
      });
    }
    this.pending.add(kind, sequence, type, payload);
    this.wakeWriter();
  }

  private takeTruncation(kind: FrameKind, sequence: Sequence, payload: Uint8Array): Promise<void> {
    this.take(kind, sequence, 0, payload);
    return new Promise((resolve, reject) => this.truncations.push({ resolve, reject }));
  }

  /** Everything appended in this turn of the event loop goes into one batch; nothing waits longer. */
  private wakeWriter(): void {
    if (this.writing) return;
    this.writing = true;
    this.loop = Promise.resolve().then(() => this.writeAll());
  }

  private async writeAll(): Promise<void> {
    try {
      while (this.pending.bytes > 0 && !this.failure) {
        if (!(await this.segments.makeRoom(this.pending.firstFrameBytes)) || this.failure) break;
        await this.writeBatch();
        // Whoever was resumed by this batch may still append to the next.
        await Promise.resolve();
      }
    } catch (error) {
      this.fail(error);
    }
    this.writing = false;
    this.watchForIdleness();
  }

  private async writeBatch(): Promise<void> {
    const { segments, pending } = this;
    const room = Math.min(segments.room, Math.max(MAX_BATCH_BYTES, pending.firstFrameBytes));
    const batch = pending.seal(segments.place, room);
    const bytes = batch.bytes.length;
    const early = this.settings.mutations.acknowledgeBeforeSync === true;
    this.inFlightBytes = bytes;
    await segments.write(batch.bytes);
    if (early) this.complete(batch);
    await segments.sync(bytes);
    this.inFlightBytes = 0;
    if (!early) this.complete(batch);
  }

  /** The batch is durable: tells everyone. */
  private complete(batch: Batch): void {
    if (this.failure) return;
    for (const change of batch.changes) {
      if ('run' in change) {
        this.extents.add(change.run);
      } else {
        this.extents.withdraw(change.withdrawAfter);
        this.withdrawals.shift();
      }
    }
    this.unproven = batch.changes.length > 0 || batch.truncations > 0;
    this.lastBatchMs = this.settings.clock.monotonicMs();
    this.writtenSequence = batch.last;
    this.durableSequence = Math.min(batch.last, ...this.withdrawals);
    for (const { resolve } of this.truncations.splice(0, batch.truncations)) resolve();
    this.waiters.resolveUpTo(this.durableSequence);
    this.onDurable?.(this.durableSequence);
  }

  private async removeSegments(upTo: Sequence): Promise<void> {
    this.refuseUnlessOpen();
    const { segments } = this;
    const firstKept = segments.firstNeeded((number) => this.extents.lastOf(number) > upTo);
    if (!segments.hasBefore(firstKept)) return;
    await this.markForgotten(firstKept);
    this.extents.forget(firstKept);
    try {
      await segments.removeBefore(firstKept);
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** Makes it durable that segments below this one may be missing. */
  private async markForgotten(firstKept: number): Promise<void> {
    const { segments } = this;
    const payload = Buffer.alloc(6);
    payload.writeUIntBE(firstKept, 0, 6);
    if (!segments.onReserve) {
      const marked = this.takeTruncation(FRAME_KIND.forget, this.appendedSequence, payload);
      if (!this.settings.mutations.removeBeforeMark) await marked;
      return;
    }
    try {
      await segments.writeReserve(
        singleFrame(FRAME_KIND.forget, segments.place, this.writtenSequence, payload),
      );
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** One timer at a time, however many batches there are. */
  private watchForIdleness(): void {
    const { clock, idleMarkerMs, mutations } = this.settings;
    if (!this.unproven || this.idleTimer || this.closing || this.failure || mutations.skipIdleMarker) return;
    const idleMs = clock.monotonicMs() - this.lastBatchMs;
    this.idleTimer = clock.setTimer(
      Math.max(1, idleMarkerMs - idleMs),
      () => {
        this.idleTimer = undefined;
        if (this.writing) return;
        if (clock.monotonicMs() - this.lastBatchMs >= idleMarkerMs) this.writeMarker();
        else this.watchForIdleness();
      },
      { background: true },
    );
  }

  /** Not worth a new segment: where none fits, recovery writes the segment anew. */
  private writeMarker(): void {
    if (FRAME_HEADER_BYTES > this.segments.room) return;
    this.pending.add(FRAME_KIND.synced, this.appendedSequence, 0, NO_PAYLOAD);
    this.wakeWriter();
  }

  private async shutDown(): Promise<void> {
    this.idleTimer?.cancel();
    this.segments.stopWaiting();
    await this.loop;
    const hindered = this.failure ?? this.segments.full;
    if (hindered) this.rejectAll(hindered);
    await this.removal;
    const { skipIdleMarker } = this.settings.mutations;
    if (this.unproven && !this.failure && !this.segments.full && !skipIdleMarker) this.writeMarker();
    await this.loop;
    this.rejectAll(this.failure ?? this.segments.full ?? new CodedError('Closed', 'The log is closed'));
    await this.segments.close();
    await this.lock.release();
  }

  /** For good: a later sync might succeed without having written what this one lost. */
  private fail(cause: unknown): CodedError {
    if (this.failure) return this.failure;
    const { logger, directory } = this.settings;
    const error = isCodedError(cause) ? cause : new CodedError('DiskFailed', 'The log failed', { cause });
    this.failure = error;
    this.idleTimer?.cancel();
    this.segments.abandon(error);
    logger.error({ directory, error }, 'The log has failed, and acknowledges nothing any more');
    this.rejectAll(error);
    this.onFailed?.(error);
    this.removal = Promise.all([this.removal, leaveFailureMarker(this.disk, directory, error, logger)]).then(
      () => {},
    );
    return error;
  }

  private rejectAll(error: CodedError): void {
    this.waiters.rejectAll(error);
    for (const { reject } of this.truncations.splice(0)) reject(error);
  }
}

interface TruncationWaiter {
  readonly resolve: () => void;
  readonly reject: (error: CodedError) => void;
}

function invalid(field: string, message: string): CodedError {
  return new CodedError('InvalidArgument', message, { details: { field } });
}
