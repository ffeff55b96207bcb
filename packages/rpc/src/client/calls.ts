import type { handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js';

export interface CallOptions {
  /** Idempotency key, as the text of a version 7 UUID. */
  readonly key?: string;
  /** Position token that the read must have reached; without it reads are linearizable. */
  readonly readAt?: string | undefined;
  /** For the whole call with all its attempts. */
  readonly deadlineMs?: number;
}

export interface Reply<Response> {
  readonly response: Response;
  /** Token of the position that the answer reflects. */
  readonly position: string | undefined;
}

type Known<S> = { [M in keyof S as string extends M ? never : number extends M ? never : M]: S[M] };

/** What a client of a generated `…Server` interface can call. Rejects with `CodedError`. */
export type ClientCalls<S> = {
  [M in keyof Known<S>]: Known<S>[M] extends handleUnaryCall<infer Request, infer Response>
    ? (request: Request, options?: CallOptions) => Promise<Reply<Response>>
    : Known<S>[M] extends handleServerStreamingCall<infer Request, infer Response>
      ? (request: Request, options?: CallOptions) => AsyncIterable<Response>
      : never;
};
