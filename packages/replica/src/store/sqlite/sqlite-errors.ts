import { CodedError, isCodedError } from '@everopen/core';

// Primary result codes: https://www.sqlite.org/rescode.html
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CONSTRAINT = 19;
const SQLITE_MISMATCH = 20;
const SQLITE_NOTADB = 26;
/** IOERR, READONLY, CANTOPEN, PERM: the operating system refuses. */
const REFUSED_BY_SYSTEM: ReadonlySet<number> = new Set([3, 8, 10, 14]);

/** Runs an operation of SQLite; its failures become coded errors. */
export function coded<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (cause) {
    throw sqliteError(path, cause);
  }
}

export function sqliteError(path: string, cause: unknown): CodedError {
  if (isCodedError(cause)) return cause;
  const { message, errcode } = cause as Error & { errcode?: number };
  const code = errcode === undefined ? 'Internal' : codeOf(errcode & 0xff);
  return new CodedError(code, `${path}: ${message}`, { details: { path, errcode }, cause });
}

function codeOf(primary: number): string {
  if (primary === SQLITE_FULL) return 'DiskFull';
  if (primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB) return 'Corrupt';
  if (primary === SQLITE_CONSTRAINT || primary === SQLITE_MISMATCH) return 'Internal';
  return REFUSED_BY_SYSTEM.has(primary) ? 'DiskFailed' : 'Internal';
}
