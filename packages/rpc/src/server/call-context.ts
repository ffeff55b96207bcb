import { CodedError, parseUuid, uuidV7UnixMs } from '@everopen/core';
import { Metadata, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import type { CallContext } from './handlers.ts';

export type AnyCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** What the metadata of a call say. */
export function callContext(call: AnyCall): CallContext {
  const key = call.metadata.get('idempotency-key')[0];
  const readAt = call.metadata.get('everopen-read-at')[0];
  return {
    idempotencyKey: key === undefined ? undefined : parseKey(String(key)),
    readAt: readAt === undefined ? undefined : String(readAt),
    remainingMs: () => {
      const deadline = call.getDeadline();
      return deadline === Infinity ? Infinity : Number(deadline) - Date.now();
    },
    get cancelled() {
      return call.cancelled;
    },
    setPosition: (token) => {
      const metadata = new Metadata();
      metadata.set('everopen-position', token);
      call.sendMetadata(metadata);
    },
  };
}

/** The key itself, if it is a version 7 UUID; else `InvalidArgument`. */
export function checkKey(key: Uint8Array): Uint8Array {
  try {
    uuidV7UnixMs(key);
    return key;
  } catch (cause) {
    throw badKey(cause);
  }
}

function parseKey(text: string): Uint8Array {
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
