import type { Clock, CodedError, Logger, Random } from '@everopen/core';
import type { WalMutations } from '../mutations.ts';

/** Names a record in the log: 1, 2, 3 … without gaps. 0 means "before everything". */
export type Sequence = number;

export interface WalRecord {
  readonly sequence: Sequence;
  /** The caller's own tag, 0 … 255. */
  readonly type: number;
  /** A view into a larger buffer: copy it to keep it for long. */
  readonly payload: Uint8Array;
}

/**
 * An append-only log of records that outlives crashes and power failures. One process, one opener.
 *
 * `append` only takes the record; it is promised to nobody before it is *durable* (written and synced).
 * One write and one sync are in flight at a time, and whatever arrives meanwhile is the next batch.
 *
 * A write or sync that fails is final: `failed` is set, every waiter rejects with it, and nothing is ever
 * acknowledged again. Exit the process; the next open recovers without trusting the page cache.
 */
export interface WriteAheadLog {
  /**
   * Takes a record (the payload is copied) and returns its sequence number. Throws, and takes nothing:
   * `Overloaded` when `maxBufferedBytes` wait for the disk, `PayloadTooLarge` above `maxRecordBytes`,
   * `DiskFull` while no further segment can be made, `Closed`, or the error in `failed`.
   *
   * @param type the caller's own tag, 0 … 255 (default 0)
   */
  append(payload: Uint8Array, type?: number): Sequence;
  /**
   * Resolves when the record is durable. Rejects with `failed` after a disk error, with `NotFound` if the
   * record is truncated meanwhile, with `InvalidArgument` if it was never appended. While the disk is full
   * it stays pending: the record is neither promised nor withdrawn, and is written once there is space.
   */
  whenDurable(sequence: Sequence): Promise<void>;
  /** Called after each sync that made records durable, with the value of `durable`. Must not throw. */
  onDurable: ((durable: Sequence) => void) | undefined;
  /** Called once when the log fails for good. Must not throw. */
  onFailed: ((error: CodedError) => void) | undefined;

  /** The oldest record that can be read; `appended + 1` when there is none. */
  readonly first: Sequence;
  /** The last record taken. */
  readonly appended: Sequence;
  /** The last record that a power failure cannot take away. */
  readonly durable: Sequence;

  /**
   * Durable records from `from` on, in order, in batches; ends at the record that is the last durable one
   * when it is reached. Every checksum is verified again: damage is `Corrupt`. A `from` below `first` is
   * `NotFound`, also when the records are dropped while they are being read.
   */
  read(from: Sequence): AsyncIterable<readonly WalRecord[]>;

  /**
   * Forgets records: whole segments whose records are all ≤ `upTo` are removed. Resolves when they are
   * gone for good. `upTo` beyond `durable` is `InvalidArgument`.
   */
  truncatePrefix(upTo: Sequence): Promise<void>;
  /**
   * Withdraws every record after `after`; the next one appended is `after + 1`. Takes effect at once and
   * in order with the appends around it; resolves when a crash cannot bring the records back.
   * `after` must be in `first − 1 … appended`, else `InvalidArgument`.
   */
  truncateSuffix(after: Sequence): Promise<void>;

  /** Bytes of all segment files, the one prepared ahead included. */
  readonly size: number;
  /** Set for ever once a write or sync has failed. */
  readonly failed: CodedError | undefined;
  /** Set while the disk has no room for a further segment and the current one is used up. */
  readonly waitingForSpace: CodedError | undefined;

  /** Makes everything taken durable (unless the log has failed or the disk is full), and lets go of the directory. */
  close(): Promise<void>;
}

export interface WalOptions {
  /** Where the log lives: a directory of its own. Created with its parents if missing. */
  readonly directory: string;
  /**
   * Whose log this is, up to 256 characters: cluster, member, storage id … Written into every segment;
   * opening the log under another identity is `WrongCluster`. Default: empty.
   */
  readonly identity?: string;
  /** With `false`, a directory without a log is `NotFound` instead of a new log. Default: true. */
  readonly create?: boolean;
  /** Size of each segment file, allocated in full before it is used; 4 KiB … 1 GiB. Default: 16 MiB. */
  readonly segmentBytes?: number;
  /** The largest payload; at most half of a segment. Default: 1 MiB. */
  readonly maxRecordBytes?: number;
  /** Records waiting for the disk, with their headers, may take this much memory. Default: 16 MiB. */
  readonly maxBufferedBytes?: number;
  /**
   * After this long without an append, a marker is written behind the last record, so that later damage to
   * that record is told from a write cut short by a crash. Default: 50 ms.
   */
  readonly idleMarkerMs?: number;
  /** How soon a segment that found the disk full is tried again. Default: 1,000 ms. */
  readonly fullRetryMs?: number;
  readonly logger?: Logger;
  /** Default: the system's. Used for the idle marker and retries only. */
  readonly clock?: Clock;
  /** Default: cryptographic. Gives each segment its salt. */
  readonly random?: Random;
  /** Who holds the directory. Default: this process. Simulations give one per boot. */
  readonly owner?: LockOwner;
  /** Deliberate bugs, for tests that show that such bugs are found. */
  readonly mutations?: WalMutations;
}

/** A process that may hold a log, under a name that no other process ever has. */
export interface LockOwner {
  /** Letters, digits and `-` only. */
  readonly name: string;
  /** Whether the process of that name may still be running. */
  isAlive(name: string): boolean;
}
