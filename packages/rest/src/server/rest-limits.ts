/** Limits of every REST server that are not the shop's own (`LIMITS` has those). */
export const REST_LIMITS = {
  /** Request line and headers together; more is answered 431 before anything is read. */
  headersMaxBytes: 16 * 1024,
  headersMaxCount: 64,
  pathSegmentMaxChars: 100,
  /** Open connections of one server; more are closed at once. */
  connections: 4_096,
  /** From the first byte of a request to the end of its headers, and to the end of its body. */
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  /** How often the two above are looked at. */
  connectionsCheckIntervalMs: 1_000,
  /** An idle connection is closed after this. */
  keepAliveMs: 10_000,
  /** A connection on which nothing moves although an answer is being worked on or sent. */
  silentConnectionMs: 30_000,
  /** Everything a request needs of the databases must be there by then. */
  requestDeadlineMs: 10_000,
  /** How long a stopping server lets running requests end. */
  stopMs: 3_000,
} as const;
