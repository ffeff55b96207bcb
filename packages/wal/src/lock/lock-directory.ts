import { CodedError, isCodedError, type Disk, type Logger } from '@everopen/core';
import type { LockOwner } from '../log/write-ahead-log.ts';

const PREFIX = 'lock.';

export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that uses a directory, or rejects with `InUse`.
 *
 * Each process lays down a claim, an empty file whose *name* says who it is, and then looks for the claims of
 * others. Of two that come at once, at least one sees the other and withdraws. A claim of a dead process is
 * removed; as names are never given twice, that cannot hit a living one. Claims need no sync: one that a power
 * failure takes away belonged to a process that is dead.
 */
export async function lockDirectory(
  disk: Disk,
  directory: string,
  owner: LockOwner,
  logger: Logger,
): Promise<DirectoryLock> {
  const claim = `${directory}/${PREFIX}${owner.name}`;
  try {
    await (await disk.open(claim, { create: true, exclusive: true })).close();
  } catch (error) {
    if (isCodedError(error, 'DiskFailed') && error.details['errno'] === 'EEXIST') {
      throw inUse(directory, owner.name);
    }
    throw error;
  }
  const release = async (): Promise<void> => {
    try {
      await disk.remove(claim);
    } catch (error) {
      // The claim dies with this process in any case.
      logger.warn({ claim, error }, 'The claim on a log directory could not be removed');
    }
  };
  try {
    for (const name of await disk.list(directory)) {
      const other = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : owner.name;
      if (other === owner.name) continue;
      if (owner.isAlive(other)) throw inUse(directory, other);
      logger.info({ directory, owner: other }, 'Removing the claim of a process that is no longer running');
      await removeIfThere(disk, `${directory}/${name}`);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

async function removeIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    if (!isCodedError(error, 'NotFound')) throw error;
  }
}

function inUse(directory: string, owner: string): CodedError {
  return new CodedError('InUse', `The log in ${directory} is used by the process ${owner}`, {
    details: { directory, owner },
  });
}
