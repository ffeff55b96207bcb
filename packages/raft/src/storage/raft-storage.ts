import { CodedError, isCodedError, type Disk } from '@everopen/core';
import { openWriteAheadLog, type Sequence, type WalOptions, type WriteAheadLog } from '@everopen/wal';
import { assert } from '../core/assert.ts';
import type { PersistBatch } from '../core/persistence.ts';
import {
  foundingState,
  type Configuration,
  type HardState,
  type Index,
  type RestoredState,
  type SnapshotMeta,
} from '../core/types.ts';
import { encodeRecord, type LogRecord } from './log-records.ts';
import { RecoveredLog } from './recovered-log.ts';

export interface RaftStorageOptions {
  readonly disk: Disk;
  readonly wal: WalOptions;
  /** Written once, when the log is made. */
  readonly founding: Configuration;
}

export interface OpenedStorage {
  readonly storage: RaftStorage;
  readonly restored: RestoredState;
}

/**
 * A member's log on disk. Batches are queued without a limit of their own: the core bounds what it has not committed, and
 * what a follower takes.
 */
export class RaftStorage {
  /** Everything up to this batch is on stable storage. */
  onPersisted: ((seq: number) => void) | undefined;
  onFailed: ((error: CodedError) => void) | undefined;

  private readonly wal: WriteAheadLog;
  private hardState: HardState;
  private queue: QueuedRecord[] = [];
  /** Batches by the sequence of their last record. */
  private writing: { readonly last: Sequence; readonly seq: number }[] = [];
  /** Of the entries behind the base, in order. */
  private entrySequences: Sequence[];
  private baseIndex: Index;
  private trimming: Promise<void> = Promise.resolve();

  constructor(wal: WriteAheadLog, restored: RestoredState, entrySequences: Sequence[]) {
    this.wal = wal;
    this.hardState = restored.hardState;
    this.baseIndex = restored.snapshot.index;
    this.entrySequences = entrySequences;
    wal.onDurable = (durable) => this.becameDurable(durable);
    wal.onFailed = (error) => this.onFailed?.(error);
  }

  /** While the disk is full, nothing more becomes durable. */
  get isFull(): boolean {
    return this.wal.waitingForSpace !== undefined;
  }

  get failed(): CodedError | undefined {
    return this.wal.failed;
  }

  get bytes(): number {
    return this.wal.size;
  }

  write({ seq, hardState, snapshot, entries }: PersistBatch): void {
    if (hardState !== undefined) {
      this.hardState = hardState;
      this.enqueue({ kind: 'hardState', hardState });
    }
    if (snapshot !== undefined) this.enqueueBase(snapshot, true);
    for (const entry of entries) this.enqueue({ kind: 'entry', entry });
    const last = this.queue.at(-1);
    assert(last !== undefined, 'a batch is never empty');
    last.completes = seq;
    this.drain();
  }

  /** The log begins behind `base` now; what stood before is removed from the disk once that is durable. */
  compact(base: SnapshotMeta): Promise<void> {
    const removable = this.entrySequences[base.index - this.baseIndex - 1];
    this.enqueueBase(base, false);
    this.drain();
    const recorded = this.wal.appended;
    if (removable === undefined || this.queue.length > 0) return Promise.resolve();
    this.trimming = this.trimming.then(() => this.trim(removable, recorded));
    return this.trimming;
  }

  async close(): Promise<void> {
    await this.trimming;
    await this.wal.close();
  }

  private async trim(removable: Sequence, recorded: Sequence): Promise<void> {
    try {
      await this.wal.whenDurable(recorded);
      await this.wal.truncatePrefix(removable);
    } catch (error) {
      // Closed meanwhile, or failed: then `onFailed` has told. The next compaction removes it.
      if (!isCodedError(error)) throw error;
    }
  }

  private enqueueBase(meta: SnapshotMeta, replacesLog: boolean): void {
    this.enqueue({ kind: 'base', replacesLog, meta, hardState: this.hardState });
  }

  private enqueue(record: LogRecord): void {
    this.queue.push({ record, completes: undefined });
  }

  /** Gives the log what it takes; the rest follows when it has room. */
  private drain(): void {
    let taken = 0;
    try {
      for (const { record, completes } of this.queue) {
        const { type, payload } = encodeRecord(record);
        const sequence = this.wal.append(payload, type);
        taken++;
        this.follow(record, sequence);
        if (completes !== undefined) this.writing.push({ last: sequence, seq: completes });
      }
    } catch (error) {
      const isTransient = isCodedError(error, 'Overloaded') || isCodedError(error, 'DiskFull');
      // A log that has failed or is closed takes nothing: `onFailed` tells, and nothing is acknowledged any more.
      if (!isTransient && this.wal.failed === undefined && !isCodedError(error, 'Closed')) throw error;
    }
    this.queue.splice(0, taken);
  }

  /** Keeps in mind where entries are, to know what a compaction makes superfluous. */
  private follow(record: LogRecord, sequence: Sequence): void {
    if (record.kind === 'entry') {
      this.entrySequences.length = record.entry.index - this.baseIndex - 1;
      this.entrySequences.push(sequence);
    } else if (record.kind === 'base') {
      const { index } = record.meta;
      this.entrySequences = record.replacesLog ? [] : this.entrySequences.slice(index - this.baseIndex);
      this.baseIndex = index;
    }
  }

  private becameDurable(durable: Sequence): void {
    let done: number | undefined;
    while (this.writing[0] !== undefined && this.writing[0].last <= durable) {
      done = this.writing[0].seq;
      this.writing.shift();
    }
    if (this.queue.length > 0) this.drain();
    if (done !== undefined) this.onPersisted?.(done);
  }
}

interface QueuedRecord {
  readonly record: LogRecord;
  completes: number | undefined;
}

/** Opens a member's log, or makes it with the founding configuration. Rejects as `openWriteAheadLog` does. */
export async function openRaftStorage({
  disk,
  wal: options,
  founding,
}: RaftStorageOptions): Promise<OpenedStorage> {
  const wal = await openWriteAheadLog(disk, options);
  try {
    const recovered = new RecoveredLog();
    for await (const records of wal.read(wal.first)) for (const record of records) recovered.add(record);
    const found = recovered.finish();
    if (found !== undefined)
      return { storage: new RaftStorage(wal, found.restored, found.sequences), restored: found.restored };
    const restored = foundingState(founding);
    const { hardState, snapshot: meta } = restored;
    const { type, payload } = encodeRecord({ kind: 'base', replacesLog: true, meta, hardState });
    await wal.whenDurable(wal.append(payload, type));
    return { storage: new RaftStorage(wal, restored, []), restored };
  } catch (error) {
    await wal.close();
    throw error;
  }
}
