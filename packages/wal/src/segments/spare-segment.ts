import { isCodedError } from '@everopen/core';
import type { Segment } from './segment.ts';

/** Keeps the next segment ready, so that moving on to it costs a commit nothing. */
export class SpareSegment {
  private readonly create: () => Promise<Segment>;
  private readonly onFailed: (error: unknown) => void;
  private making: Promise<Segment | undefined> | undefined;
  private made: Segment | undefined;

  /**
   * @param create makes the next segment
   * @param onFailed hears of any error but a full disk, which is not one until the segment is needed
   */
  constructor(create: () => Promise<Segment>, onFailed: (error: unknown) => void, made?: Segment) {
    this.create = create;
    this.onFailed = onFailed;
    this.made = made;
  }

  /** Bytes that the spare takes on the disk. */
  get bytes(): number {
    return this.made?.bytes ?? 0;
  }

  /** Begins to make one in the background, unless it is there or being made. */
  prepare(): void {
    if (this.made || this.making) return;
    this.making = this.create()
      .then(
        (segment) => (this.made = segment),
        (error: unknown) => {
          if (!isCodedError(error, 'DiskFull')) this.onFailed(error);
          return undefined;
        },
      )
      .finally(() => (this.making = undefined));
  }

  /** The next segment, made now if need be. Rejects with the disk's error. */
  async take(): Promise<Segment> {
    await this.making;
    const segment = this.made ?? (await this.create());
    this.made = undefined;
    return segment;
  }

  async close(): Promise<void> {
    await this.making;
    await this.made?.file.close();
  }
}
