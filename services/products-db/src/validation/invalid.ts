import { CodedError } from '@everopen/core';

/** The refusal of one field, named as in the proto file (`lines[2].quantity`). */
export function invalid(field: string, message: string, details: Record<string, unknown> = {}): CodedError {
  return new CodedError('InvalidArgument', `${field} ${message}`, { details: { field, ...details } });
}
