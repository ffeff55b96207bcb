import { CodedError } from '@everopen/core';

/** The error for one bad field, by its name in the proto file. */
export function invalidArgument(field: string, problem: string): CodedError {
  return new CodedError('InvalidArgument', `${field} ${problem}`, { details: { field } });
}
