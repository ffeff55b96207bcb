import type { CodedError, Disk, Logger } from '@everopen/core';
import { FAILURE_MARKER } from '../format/file-names.ts';

/**
 * Leaves word for the next start that a write or sync has failed, as far as the disk still lets us. It is for
 * the operator, and makes recovery rewrite the end of the log even where it looks proven.
 */
export async function leaveFailureMarker(
  disk: Disk,
  directory: string,
  error: CodedError,
  logger: Logger,
): Promise<void> {
  try {
    const file = await disk.open(`${directory}/${FAILURE_MARKER}`, { create: true });
    await file.write(0, Buffer.from(`${error.code}: ${error.message}\n`));
    await file.sync();
    await file.close();
    await disk.syncDirectory(directory);
  } catch (cause) {
    logger.warn({ directory, error: cause }, 'The failure marker could not be left');
  }
}
