import { BoundedQueue, CodedError, type Disk, type DiskFile, type Logger } from '@everopen/core';
import { decide } from '../ledger/decide.ts';
import { drawFor } from '../ledger/draw.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import type { LedgerRequest } from '../ledger/ledger-request.ts';
import { LedgerDatabase, ledgerError } from './ledger-database.ts';

/** Requests that wait for a decision. */
export const LEDGER_QUEUE_LIMIT = 10_000;
/** Requests in one transaction: bounds how long a commit keeps the event loop (about 5 ms). */
const BATCH_LIMIT = 256;
/** Keeps SQLite's log at about 10 MB: an entry that is committed alone writes two pages. */
const CHECKPOINT_EVERY_ENTRIES = 1_000;
const FILE_NAME = 'ledger.sqlite';

export interface DurableLedgerOptions {
  /** Is made if it is missing. */
  readonly directory: string;
  readonly seed: number;
  /** The share of charges to decline, 0–1. */
  readonly declineShare: number;
}

export interface DurableLedgerModules {
  readonly disk: Disk;
  readonly unixMs: () => number;
  readonly logger: Logger;
  /** Called once, when the disk has failed: from then on nothing is acknowledged until a restart. */
  readonly onFatal: (error: CodedError) => void;
}

interface Waiting {
  readonly request: LedgerRequest;
  readonly resolve: (entry: LedgerEntry) => void;
  readonly reject: (error: CodedError) => void;
}

type Decided = { readonly entry: LedgerEntry } | { readonly refusal: CodedError };

/**
 * The ledger on disk, with group commit: while one transaction is being synced, requests gather for the
 * next. An answer is given only after the sync of everything that it rests on.
 */
export class DurableLedger {
  private readonly options: DurableLedgerOptions;
  private readonly modules: DurableLedgerModules;
  private readonly database: LedgerDatabase;
  private readonly log: DiskFile;
  private readonly queue = new BoundedQueue<Waiting>('payment queue', LEDGER_QUEUE_LIMIT);
  /** Entries up to here are on disk. */
  private durableNumber: number;
  private checkpointNumber: number;
  private committing: Promise<void> | undefined;
  private ended: CodedError | undefined;
  private closing: Promise<void> | undefined;

  static async open(options: DurableLedgerOptions, modules: DurableLedgerModules): Promise<DurableLedger> {
    await modules.disk.makeDirectory(options.directory);
    const path = `${options.directory}/${FILE_NAME}`;
    const database = new LedgerDatabase(path);
    try {
      // SQLite locks its main file, never the log: a second descriptor of the log disturbs no lock.
      const log = await modules.disk.open(`${path}-wal`, { create: true });
      await log.sync();
      await modules.disk.syncDirectory(options.directory);
      return new DurableLedger(options, modules, database, log);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private constructor(
    options: DurableLedgerOptions,
    modules: DurableLedgerModules,
    database: LedgerDatabase,
    log: DiskFile,
  ) {
    this.options = options;
    this.modules = modules;
    this.database = database;
    this.log = log;
    this.durableNumber = database.lastNumber();
    this.checkpointNumber = this.durableNumber;
  }

  /**
   * Decides and makes it durable. Rejects with `KeyReused`; `Overloaded` or `Closed` (nothing was recorded);
   * `Unknown` if the disk failed while this request was being recorded.
   */
  submit(request: LedgerRequest): Promise<LedgerEntry> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) throw this.ended;
      this.queue.push({ request, resolve, reject });
      this.committing ??= this.commitAll();
    });
  }

  /** Up to `limit` durable entries with a number above `after`, in order. */
  list(after: number, limit: number): LedgerEntry[] {
    if (this.ended !== undefined) throw this.ended;
    return this.database.list(after, this.durableNumber, limit);
  }

  /** Takes no more requests, ends those that were taken, and releases the files. */
  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    this.ended ??= new CodedError('Closed', 'The payment ledger is closed');
    await this.committing;
    await this.log.close();
    this.database.close();
  }

  private async commitAll(): Promise<void> {
    // Requests parsed in the same turn of the event loop go into the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queue.size > 0) {
      const batch = this.takeBatch();
      try {
        await this.commit(batch);
      } catch (error) {
        this.fail(batch, ledgerError(error));
      }
    }
    this.committing = undefined;
  }

  private async commit(batch: readonly Waiting[]): Promise<void> {
    let lastNumber = this.durableNumber;
    const decided = this.database.transaction(() =>
      batch.map(({ request }): Decided => {
        const answer = this.decideOne(request, lastNumber + 1);
        if ('entry' in answer && answer.entry.number > lastNumber) {
          this.database.insert(answer.entry);
          lastNumber = answer.entry.number;
        }
        return answer;
      }),
    );
    if (lastNumber > this.durableNumber) await this.log.sync();
    this.durableNumber = lastNumber;
    for (const [index, answer] of decided.entries()) {
      const waiting = batch[index] as Waiting;
      if ('entry' in answer) waiting.resolve(answer.entry);
      else waiting.reject(answer.refusal);
    }
    if (this.durableNumber - this.checkpointNumber < CHECKPOINT_EVERY_ENTRIES) return;
    this.database.checkpoint();
    this.checkpointNumber = this.durableNumber;
  }

  private decideOne(request: LedgerRequest, nextNumber: number): Decided {
    const existing = this.database.find(request.key);
    try {
      const draw = drawFor(this.options.seed, request.key);
      const { declineShare } = this.options;
      const nowUnixMs = this.modules.unixMs();
      return { entry: decide(existing, request, { draw, declineShare, nextNumber, nowUnixMs }) };
    } catch (error) {
      if (error instanceof CodedError) return { refusal: error };
      throw error;
    }
  }

  private takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    while (batch.length < BATCH_LIMIT && this.queue.size > 0) batch.push(this.queue.shift() as Waiting);
    return batch;
  }

  /** After a failed write or sync nobody knows what the disk holds: the batch's outcome is unknown, for good. */
  private fail(batch: readonly Waiting[], error: CodedError): void {
    const first = this.ended === undefined || this.ended.code === 'Closed';
    if (first) this.ended = new CodedError(error.code, error.message, { cause: error });
    const unknown = new CodedError('Unknown', 'The disk failed while this was being recorded', {
      cause: error,
    });
    for (const waiting of batch) waiting.reject(unknown);
    for (const waiting of this.queue.drain()) waiting.reject(error);
    if (!first) return;
    this.modules.logger.error({ code: error.code, cause: String(error.cause) }, 'the payment ledger failed');
    this.modules.onFatal(error);
  }
}
