import type { Disk } from '@everopen/core';
import { lockDirectory } from '../lock/lock-directory.ts';
import { recover } from '../recovery/recover.ts';
import { SegmentedLog } from './segmented-log.ts';
import { walSettings } from './settings.ts';
import type { WalOptions, WriteAheadLog } from './write-ahead-log.ts';

/**
 * Opens a log, or makes a new one, and recovers it: every record is read and checked, a batch that a crash
 * cut short is cleared away, and what remains is on the disk before it counts as durable.
 *
 * Rejects, with the records as they were: `Corrupt` if acknowledged records are damaged or missing (the
 * message names file, offset and records, and what to do), `InUse` if a live process holds the directory,
 * `WrongCluster` for a log of another identity, `NotFound` with `create: false`, `InvalidArgument`; and
 * `DiskFailed` or `DiskFull` if the disk refuses.
 */
export async function openWriteAheadLog(disk: Disk, options: WalOptions): Promise<WriteAheadLog> {
  const settings = walSettings(options);
  const { directory, owner, logger } = settings;
  if (settings.create) await disk.makeDirectory(directory);
  const lock = await lockDirectory(disk, directory, owner, logger);
  try {
    return new SegmentedLog(disk, settings, lock, await recover(disk, settings));
  } catch (error) {
    await lock.release();
    throw error;
  }
}
