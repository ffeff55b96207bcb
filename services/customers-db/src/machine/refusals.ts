import { CodedError } from '@everopen/core';
import { LIMITS } from '@everopen/contract';

/** One text for unknown, ended, idle and foreign sessions: a guesser learns nothing. */
export function unauthenticated(): CodedError {
  return new CodedError('Unauthenticated', 'The session has ended: log in again');
}

export function notFound(field: string, what: string): CodedError {
  return new CodedError('NotFound', `There is no such ${what}`, { details: { field } });
}

/** An account is at one of the limits of `LIMITS`. */
export function quotaExceeded(limit: keyof typeof LIMITS, message: string): CodedError {
  return new CodedError('QuotaExceeded', message, { details: { limit, max: LIMITS[limit] } });
}

/** The database itself is at a limit, named in the details. */
export function overloaded(limit: string, max: number, message: string): CodedError {
  return new CodedError('Overloaded', message, { details: { limit, max } });
}
