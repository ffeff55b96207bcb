import { isCodedError, type CodedError, type Disk } from '@everopen/core';
import { segmentName } from '../format/file-names.ts';
import { alignedUp, BATCH_ALIGNMENT } from '../format/frame.ts';
import type { WalSettings } from '../log/settings.ts';
import type { RecoveredLog } from '../recovery/recover.ts';
import { createSegment, type Segment } from './segment.ts';
import { SpareSegment } from './spare-segment.ts';

interface SegmentFile {
  readonly number: number;
  readonly bytes: number;
}

/** The files of a running log: those that are full, the one in use, and the next, prepared ahead. */
export class SegmentChain {
  private readonly disk: Disk;
  private readonly settings: WalSettings;
  private readonly spare: SpareSegment;
  private sealed: readonly SegmentFile[];
  private active: Segment;
  private failure: CodedError | undefined;
  private closing = false;
  private noRoom: CodedError | undefined;
  private retry: (() => void) | undefined;
  private reserveUsed = false;
  private reserveWrite: Promise<void> = Promise.resolve();

  /** @param onFailed hears when the next segment cannot be prepared, for another reason than a full disk */
  constructor(
    disk: Disk,
    settings: WalSettings,
    recovered: RecoveredLog,
    onFailed: (error: unknown) => void,
  ) {
    this.disk = disk;
    this.settings = settings;
    this.sealed = recovered.sealed;
    this.active = recovered.active;
    this.spare = new SpareSegment(() => this.createNext(), onFailed, recovered.spare);
    this.spare.prepare();
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.sealed.reduce((sum, { bytes }) => sum + bytes, this.active.bytes + this.spare.bytes);
  }

  /** Where the next batch goes. */
  get place(): { segment: number; salt: number; offset: number } {
    const { number: segment, salt, offset } = this.active;
    return { segment, salt, offset };
  }

  /** Bytes that the segment in use still takes; its last sector is the reserve. */
  get room(): number {
    return this.active.bytes - BATCH_ALIGNMENT - this.active.offset;
  }

  /** Set while the disk has no room for the next segment, and this one is used up. */
  get full(): CodedError | undefined {
    return this.noRoom;
  }

  /** Whether a mark can only be written by `writeReserve`, which can be used once. */
  get onReserve(): boolean {
    return this.noRoom !== undefined && !this.reserveUsed;
  }

  /** The number of the first segment, the one in use at the latest, of which `isNeeded` is true. */
  firstNeeded(isNeeded: (number: number) => boolean): number {
    return this.sealed.find(({ number }) => isNeeded(number))?.number ?? this.active.number;
  }

  hasBefore(number: number): boolean {
    return (this.sealed[0]?.number ?? number) < number;
  }

  /** Moves on to the next segment unless so much fits. False: closing while the disk is full. */
  async makeRoom(bytes: number): Promise<boolean> {
    if (bytes <= this.room) return true;
    let next: Segment | undefined;
    while (!next) {
      try {
        next = await this.spare.take();
        for (let write; write !== this.reserveWrite;) await (write = this.reserveWrite);
      } catch (error) {
        if (this.failure || !isCodedError(error, 'DiskFull')) throw error;
        this.noRoom = error;
        if (this.closing) return false;
        this.settings.logger.error({ error }, 'The disk has no room for the next segment of the log');
        await this.pauseUntilRetry();
      }
    }
    const { active } = this;
    this.noRoom = undefined;
    this.active = next;
    this.reserveUsed = false;
    this.sealed = [...this.sealed, { number: active.number, bytes: active.bytes }];
    await active.file.close();
    this.spare.prepare();
    return true;
  }

  /** Writes a batch at `place`; not durable yet. */
  write(batch: Uint8Array): Promise<void> {
    return this.active.file.write(this.active.offset, batch);
  }

  /** Makes the batch just written, of so many bytes, durable. */
  async sync(bytes: number): Promise<void> {
    const { active } = this;
    await this.syncFile();
    active.offset = alignedUp(active.offset + bytes, BATCH_ALIGNMENT);
  }

  /**
   * A full disk is best helped by removing segments, which needs a mark in the log, which has no room: for that
   * mark, the last sector of each segment is kept free. The writer stands still meanwhile.
   */
  async writeReserve(mark: Uint8Array): Promise<void> {
    const { file, offset } = this.active;
    this.reserveUsed = true;
    this.reserveWrite = (async () => {
      await file.write(offset, mark);
      await this.syncFile();
    })();
    await this.reserveWrite;
  }

  /** Removes the segments below a number, for good. */
  async removeBefore(first: number): Promise<void> {
    const { directory } = this.settings;
    const removed = this.sealed.filter(({ number }) => number < first);
    this.sealed = this.sealed.filter(({ number }) => number >= first);
    for (const { number } of removed) await this.disk.remove(`${directory}/${segmentName(number)}`);
    await this.disk.syncDirectory(directory);
    this.retry?.();
  }

  /** From now on nobody waits for space. */
  stopWaiting(): void {
    this.closing = true;
    this.retry?.();
  }

  /** The log has failed: no further segment is made. */
  abandon(error: CodedError): void {
    this.failure = error;
    this.retry?.();
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.spare.close(), this.active.file.close()]);
  }

  private createNext(): Promise<Segment> {
    const { directory, segmentBytes: bytes, identity, random, mutations } = this.settings;
    if (this.failure) return Promise.reject(this.failure);
    const number = this.active.number + 1;
    return createSegment(this.disk, random, { directory, number, bytes, identity }, mutations);
  }

  private async syncFile(): Promise<void> {
    const { file } = this.active;
    const { retryFailedSync, ignoreFailedSync } = this.settings.mutations;
    try {
      await file.sync();
    } catch (error) {
      if (ignoreFailedSync) return;
      if (!retryFailedSync) throw error;
      await file.sync();
    }
  }

  /** Ends after a while, or as soon as there is reason to hope for space. */
  private pauseUntilRetry(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.settings.clock.setTimer(this.settings.fullRetryMs, resolve);
      this.retry = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
