import type { handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js';
import type { EncodedMessage } from './encoded-message.ts';

/** What a handler may know about the call beside the request. */
export interface CallContext {
  /** The caller's idempotency key, checked to be a version 7 UUID. */
  readonly idempotencyKey: Uint8Array | undefined;
  /** The position token that a read must have reached; undefined asks for a linearizable read. */
  readonly readAt: string | undefined;
  /** Monotonic milliseconds left until the caller gives up; Infinity without a deadline. */
  remainingMs(): number;
  /** True once the caller has gone: a stream should end. */
  readonly cancelled: boolean;
  /** Sends `everopen-position` with the answer. Call it before the handler resolves (or yields). */
  setPosition(token: string): void;
}

type Known<S> = { [M in keyof S as string extends M ? never : number extends M ? never : M]: S[M] };

/** Handlers for a generated `…Server` interface: promises and async iterables instead of callbacks. */
export type ServiceHandlers<S> = {
  [M in keyof Known<S>]: Known<S>[M] extends handleUnaryCall<infer Request, infer Response>
    ? (request: Request, call: CallContext) => Promise<Response | EncodedMessage>
    : Known<S>[M] extends handleServerStreamingCall<infer Request, infer Response>
      ? (request: Request, call: CallContext) => AsyncIterable<Response>
      : never;
};
