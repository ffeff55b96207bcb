import { Metadata, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import { parseKey } from '../keys/idempotency-key.ts';
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
