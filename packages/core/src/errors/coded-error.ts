/** Machine-readable facts about an error: the field at fault, the limit reached, both prices … JSON-safe. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The one error class of the house. `code` is a row of an error table (`SYSTEM_ERRORS` here, the shop's
 * codes in `@everopen/contract`), which gives its HTTP, gRPC and SOAP form and says what to do about it.
 *
 * `message` says what was wrong, in a sentence for the person who reads it; it never holds secrets.
 */
export class CodedError extends Error {
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(code: string, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** True for a `CodedError`, and if `code` is given, only for one with that code. */
export function isCodedError(error: unknown, code?: string): error is CodedError {
  return error instanceof CodedError && (code === undefined || error.code === code);
}
