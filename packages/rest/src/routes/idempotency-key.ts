import { CodedError, formatUuid, parseUuid, uuidV7UnixMs } from '@everopen/core';

/**
 * The key in an Idempotency-Key header, in lower case. A call that changes something must bring one: a key
 * made here would make every repeat by the client a new call.
 */
export function parseIdempotencyKey(
  header: string | readonly string[] | undefined,
  rule: 'required' | 'optional' | 'none',
): string | undefined {
  if (rule === 'none') return undefined;
  if (header === undefined) {
    if (rule === 'optional') return undefined;
    throw refused('This call needs the header Idempotency-Key, a version 7 UUID made by the client');
  }
  try {
    const bytes = parseUuid(String(header));
    uuidV7UnixMs(bytes);
    return formatUuid(bytes);
  } catch (cause) {
    throw refused('The header Idempotency-Key must be a version 7 UUID (RFC 9562)', cause);
  }
}

function refused(message: string, cause?: unknown): CodedError {
  return new CodedError('InvalidArgument', message, { details: { field: 'Idempotency-Key' }, cause });
}
