import { CodedError, parseUuid, uuidV7UnixMs } from '@everopen/core';

/** The key itself, if it is a version 7 UUID; else `InvalidArgument`. */
export function checkKey(key: Uint8Array): Uint8Array {
  try {
    uuidV7UnixMs(key);
    return key;
  } catch (cause) {
    throw badKey(cause);
  }
}

/** The bytes of a key in its text, if it is a version 7 UUID; else `InvalidArgument`. */
export function parseKey(text: string): Uint8Array {
  try {
    return checkKey(parseUuid(text));
  } catch (cause) {
    throw badKey(cause);
  }
}

function badKey(cause: unknown): CodedError {
  return new CodedError('InvalidArgument', 'idempotency-key must be a version 7 UUID (RFC 9562)', {
    details: { field: 'idempotency-key' },
    cause,
  });
}
