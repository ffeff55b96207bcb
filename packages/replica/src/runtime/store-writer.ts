import { isCodedError, type Clock, type Logger } from '@everopen/core';
import type { Position } from '../log/ordered-log.ts';
import type { ReplicaMutations } from '../replicated/mutations.ts';
import { ANSWERS } from '../once/remembered-answers.ts';
import type { RowChange } from '../state/schema.ts';
import type { Store } from '../store/store.ts';
import { latestChanges } from './latest-changes.ts';
import type { PositionGate } from './position-gate.ts';

/** Rows of one transaction: about 10 ms of this thread with an embedded store. */
const ROWS_PER_WRITE_MAX = 500;
/** What was applied within this time goes into one transaction. */
const GATHER_MS = 1;
/** How soon a full disk is tried again. */
const FULL_RETRY_MS = 1000;

/** What some commands changed. */
export interface StoreBatch {
  /** Of the last of the commands. */
  readonly position: Position;
  readonly changes: readonly RowChange[];
  /** The digests of the tables that changed, as of `position`. */
  readonly digests: readonly RowChange[];
}

export interface StoreWriterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told how far the store is. */
  readonly stored: PositionGate;
  /** Rows that may wait for the store. */
  readonly backlogRowsMax: number;
  readonly onFatal: (error: unknown) => void;
  readonly mutations: ReplicaMutations;
}

/** Writes behind what was applied: one transaction for all that waits, in order, and never too much waits. */
export class StoreWriter {
  private readonly options: StoreWriterOptions;
  private pending: StoreBatch[] = [];
  private pendingRows = 0;
  private holding = true;
  private scheduled = false;
  private writing: Promise<boolean> | undefined;
  private stopped = false;
  private roomWaiters: (() => void)[] = [];
  private heldBack: readonly RowChange[] = [];

  constructor(options: StoreWriterOptions) {
    this.options = options;
  }

  get backlogRows(): number {
    return this.pendingRows;
  }

  add(batch: StoreBatch): void {
    this.pending.push(batch);
    this.pendingRows += weightOf(batch);
    this.schedule(GATHER_MS);
  }

  /** Resolves when another batch may be added. */
  async whenRoom(): Promise<void> {
    while (!this.hasRoom) await new Promise<void>((resolve) => this.roomWaiters.push(resolve));
  }

  /** Nobody is made to wait for room any more: the replica stops. */
  letGo(): void {
    this.holding = false;
    this.makeRoom();
  }

  /** Writes everything that waits, unless the store fails or its disk is full. */
  async flush(): Promise<void> {
    while (!this.stopped && (this.pending.length > 0 || this.writing !== undefined)) {
      this.writing ??= this.writeOnce();
      if (!(await this.writing)) return;
    }
  }

  /** Forgets what waits: it is replaced by something newer. */
  async discard(): Promise<void> {
    // Whoever flushes may have begun the next write in the meantime.
    while (this.writing !== undefined && !this.stopped) await this.writing;
    this.pending = [];
    this.pendingRows = 0;
    this.makeRoom();
  }

  /** What waits stays unwritten; a restart gets it from the log. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.makeRoom();
    await this.writing;
  }

  private schedule(delayMs: number): void {
    if (this.scheduled || this.stopped) return;
    this.scheduled = true;
    this.options.clock.setTimer(delayMs, () => {
      this.scheduled = false;
      if (this.stopped || this.pending.length === 0 || this.writing !== undefined) return;
      this.writing = this.writeOnce();
    });
  }

  /** Whether it was written. */
  private async writeOnce(): Promise<boolean> {
    const { store, stored, logger, onFatal } = this.options;
    const batches = this.nextBatches();
    try {
      await this.write(batches);
      this.pending.splice(0, batches.length);
      for (const batch of batches) this.pendingRows -= weightOf(batch);
      stored.advance(store.position);
      this.makeRoom();
      this.again(GATHER_MS);
      return true;
    } catch (error) {
      if (isCodedError(error, 'DiskFull')) {
        logger.warn({ error: error.message }, 'The disk of the store is full; the replica waits for room');
        this.again(FULL_RETRY_MS);
      } else if (!this.stopped) {
        this.stopped = true;
        this.makeRoom();
        onFatal(error);
      }
      return false;
    }
  }

  private again(delayMs: number): void {
    this.writing = undefined;
    if (this.pending.length > 0) this.schedule(delayMs);
  }

  private nextBatches(): StoreBatch[] {
    const batches: StoreBatch[] = [];
    let rows = 0;
    for (const batch of this.pending) {
      if (batches.length > 0 && rows + batch.changes.length > ROWS_PER_WRITE_MAX) break;
      batches.push(batch);
      rows += batch.changes.length;
    }
    return batches;
  }

  private async write(batches: readonly StoreBatch[]): Promise<void> {
    const { store, mutations } = this.options;
    const position = (batches.at(-1) as StoreBatch).position;
    let changes = latestChanges(batches.flatMap((batch) => [...batch.changes, ...batch.digests]));
    if (mutations.answersNotStored === true)
      changes = changes.filter(({ table }) => table.name !== ANSWERS.name);
    if (mutations.keyAfterEffect === true) {
      const answers = changes.filter(({ table }) => table.name === ANSWERS.name);
      changes = [...this.heldBack, ...changes.filter(({ table }) => table.name !== ANSWERS.name)];
      this.heldBack = answers;
    }
    if (mutations.rowsBeforePosition === true) await store.write(store.position, changes);
    if (mutations.positionBeforeRows === true) await store.write(position, []);
    await store.write(position, changes);
  }

  private get hasRoom(): boolean {
    return this.pendingRows <= this.options.backlogRowsMax || this.stopped || !this.holding;
  }

  private makeRoom(): void {
    if (!this.hasRoom) return;
    for (const resolve of this.roomWaiters.splice(0)) resolve();
  }
}

/** A batch without changes has to be written too: it moves the position. */
function weightOf({ changes }: StoreBatch): number {
  return Math.max(1, changes.length);
}
