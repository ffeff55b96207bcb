/** Names of the gRPC status codes (google.rpc.Code). */
export type GrpcStatusName =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'FAILED_PRECONDITION'
  | 'RESOURCE_EXHAUSTED'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'DEADLINE_EXCEEDED';

/** How one error code looks at each edge, and what its reader should do. */
export interface ErrorForm {
  /** HTTP status. */
  readonly http: number;
  readonly grpc: GrpcStatusName;
  /** SOAP 1.1 fault code: `Client` when the request is at fault, `Server` otherwise. */
  readonly soap: 'Client' | 'Server';
  /**
   * `never`: the same request will fail again. `same-key`: repeat it with the same idempotency key, soon
   * or elsewhere. `later`: repeat it with the same key after a pause.
   */
  readonly retry: 'never' | 'same-key' | 'later';
  /** A few words, the same for every occurrence (RFC 9457 `title`). */
  readonly title: string;
  /** What the reader can do about it. */
  readonly remedy: string;
}

export type SystemErrorCode =
  | 'InvalidArgument'
  | 'NotReady'
  | 'NotCaughtUp'
  | 'Overloaded'
  | 'Unknown'
  | 'DeadlineExceeded'
  | 'KeyExpired'
  | 'KeyReused'
  | 'QuotaExceeded'
  | 'PayloadTooLarge'
  | 'Corrupt'
  | 'DiskFailed'
  | 'DiskFull'
  | 'WrongCluster'
  | 'InUse'
  | 'Closed'
  | 'Unauthenticated'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'UnsupportedMediaType'
  | 'Internal';

/** Errors that any replicated service can give. The shop's own are in `@everopen/contract`. */
export const SYSTEM_ERRORS: Readonly<Record<SystemErrorCode, ErrorForm>> = {
  InvalidArgument: {
    http: 400,
    grpc: 'INVALID_ARGUMENT',
    soap: 'Client',
    retry: 'never',
    title: 'A field of the request is not acceptable',
    remedy: 'Correct the field that is named, and send the request again.',
  },
  NotReady: {
    http: 503,
    grpc: 'UNAVAILABLE',
    soap: 'Server',
    retry: 'same-key',
    title: 'This replica cannot serve the request now',
    remedy: 'Try another replica, or the same one in a moment. Nothing was executed.',
  },
  NotCaughtUp: {
    http: 503,
    grpc: 'UNAVAILABLE',
    soap: 'Server',
    retry: 'same-key',
    title: 'This replica has not yet seen the position that the session has seen',
    remedy: 'Try another replica, or the same one in a moment.',
  },
  Overloaded: {
    http: 429,
    grpc: 'RESOURCE_EXHAUSTED',
    soap: 'Server',
    retry: 'later',
    title: 'A queue or memory is at its limit',
    remedy: 'Wait as long as Retry-After says, and repeat the request with the same idempotency key.',
  },
  Unknown: {
    http: 503,
    grpc: 'UNAVAILABLE',
    soap: 'Server',
    retry: 'same-key',
    title: 'It is not known whether the request was executed',
    remedy: 'Repeat it with the same idempotency key: it is executed once, and you get its answer.',
  },
  DeadlineExceeded: {
    http: 504,
    grpc: 'DEADLINE_EXCEEDED',
    soap: 'Server',
    retry: 'same-key',
    title: 'The request did not finish in time',
    remedy: 'Repeat it with the same idempotency key: it is executed once, and you get its answer.',
  },
  KeyExpired: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'The idempotency key is older than 24 hours',
    remedy: 'Check whether the first request took effect; if it did not, send it with a new key.',
  },
  KeyReused: {
    http: 422,
    grpc: 'INVALID_ARGUMENT',
    soap: 'Client',
    retry: 'never',
    title: 'The idempotency key was used with another request',
    remedy: 'Use a new key for a new request.',
  },
  QuotaExceeded: {
    http: 429,
    grpc: 'RESOURCE_EXHAUSTED',
    soap: 'Client',
    retry: 'later',
    title: 'This account is at one of its limits',
    remedy: 'Remove something, or wait; the limit is named in the details.',
  },
  PayloadTooLarge: {
    http: 413,
    grpc: 'RESOURCE_EXHAUSTED',
    soap: 'Client',
    retry: 'never',
    title: 'The request is larger than allowed',
    remedy: 'Send less at once; the limit is in the details.',
  },
  Corrupt: {
    http: 500,
    grpc: 'DATA_LOSS',
    soap: 'Server',
    retry: 'never',
    title: 'Stored data fails its check',
    remedy: 'Do not delete anything. Rebuild this replica from its peers, or restore a backup.',
  },
  DiskFailed: {
    http: 503,
    grpc: 'UNAVAILABLE',
    soap: 'Server',
    retry: 'same-key',
    title: 'The disk refused a write or a sync',
    remedy: 'Replace the disk or repair the file system, then restart the replica.',
  },
  DiskFull: {
    http: 503,
    grpc: 'UNAVAILABLE',
    soap: 'Server',
    retry: 'later',
    title: 'The disk is full',
    remedy: 'Free space; the replica goes on by itself, or after a restart.',
  },
  WrongCluster: {
    http: 500,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Server',
    retry: 'never',
    title: 'This data belongs to another cluster, member or disk',
    remedy: 'Point the replica to its own data folder.',
  },
  InUse: {
    http: 500,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Server',
    retry: 'never',
    title: 'Another process uses this data folder',
    remedy: 'Stop the other process first.',
  },
  Closed: {
    http: 503,
    grpc: 'UNAVAILABLE',
    soap: 'Server',
    retry: 'same-key',
    title: 'The component is shutting down',
    remedy: 'Try another one.',
  },
  Unauthenticated: {
    http: 401,
    grpc: 'UNAUTHENTICATED',
    soap: 'Client',
    retry: 'never',
    title: 'The request carries no valid credentials',
    remedy: 'Log in, and send the token with each request.',
  },
  Forbidden: {
    http: 403,
    grpc: 'PERMISSION_DENIED',
    soap: 'Client',
    retry: 'never',
    title: 'These credentials do not allow this request',
    remedy: 'Use an account of the right role.',
  },
  NotFound: {
    http: 404,
    grpc: 'NOT_FOUND',
    soap: 'Client',
    retry: 'never',
    title: 'There is no such thing',
    remedy: 'Check the id or the path.',
  },
  MethodNotAllowed: {
    http: 405,
    grpc: 'UNIMPLEMENTED',
    soap: 'Client',
    retry: 'never',
    title: 'This address does not know this method',
    remedy: 'See the interface description for the methods it knows.',
  },
  UnsupportedMediaType: {
    http: 415,
    grpc: 'INVALID_ARGUMENT',
    soap: 'Client',
    retry: 'never',
    title: 'The body has a type that is not understood here',
    remedy: 'Send JSON with the content type application/json.',
  },
  Internal: {
    http: 500,
    grpc: 'INTERNAL',
    soap: 'Server',
    retry: 'same-key',
    title: 'A fault of ours',
    remedy: 'Report it with the request id; repeat the request with the same idempotency key.',
  },
};
