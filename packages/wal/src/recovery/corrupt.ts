import { CodedError } from '@everopen/core';

/** The one way in which the log says that stored data is damaged. */
export function corrupt(what: string, details: Readonly<Record<string, unknown>>): CodedError {
  return new CodedError(
    'Corrupt',
    `${what}. Nothing was changed. Keep the files; rebuild this replica from its peers, or restore a backup.`,
    { details },
  );
}
