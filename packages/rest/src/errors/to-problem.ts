import { errorForm, ERROR_TABLE } from '@everopen/contract';
import type { Problem } from '@everopen/contract/rest';
import { CodedError, isCodedError } from '@everopen/core';
import type { FieldError } from './field-errors.ts';

/** Wait this long where nothing better is known. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

/**
 * The answer to a request that failed. Whatever is not a `CodedError` is a fault of ours: its text stays in
 * the log, under the request id.
 */
export function toProblem(error: unknown, requestId: string): Problem {
  const coded =
    isCodedError(error) && Object.hasOwn(ERROR_TABLE, error.code)
      ? error
      : new CodedError(
          'Internal',
          'Something went wrong that should not. The log has it under this request id.',
        );
  const form = errorForm(coded.code);
  const { errors, field, ...details } = coded.details as {
    errors?: readonly FieldError[];
    field?: unknown;
  } & Record<string, unknown>;
  const fields =
    errors ?? (typeof field === 'string' ? [{ field: camelCase(field), message: coded.message }] : undefined);
  return {
    type: `urn:everopen:error:${coded.code}`,
    title: form.title,
    status: form.http,
    detail: coded.message,
    code: coded.code,
    remedy: form.remedy,
    retry: form.retry,
    requestId,
    ...(fields === undefined ? {} : { errors: [...fields] }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

/** Seconds for the Retry-After header; undefined where there is none to give. */
export function retryAfterSeconds(problem: Problem): number | undefined {
  if (problem.status !== 429 && problem.status !== 503) return undefined;
  const retryAfterMs = problem.details?.['retryAfterMs'];
  const waitMs = typeof retryAfterMs === 'number' ? retryAfterMs : DEFAULT_RETRY_AFTER_MS;
  return Math.max(1, Math.ceil(waitMs / 1_000));
}

/** The databases name fields as their proto files do: unit_price_minor. */
function camelCase(field: string): string {
  return field.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
