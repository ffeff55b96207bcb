/**
 * Deliberate bugs, each a classic of write-ahead logs, switched on by tests only: the crash-point
 * enumeration is worth something because it finds every one of them. Never set in production.
 */
export interface WalMutations {
  /** Recovery believes any record whose length fits. */
  readonly ignoreChecksum?: boolean;
  /** Recovery cuts the log at the first bad record, whatever stands behind it. */
  readonly truncateAtDamage?: boolean;
  /** Names of new segments are not synced. */
  readonly skipDirectorySync?: boolean;
  /** A segment gets its name before its contents are synced. */
  readonly nameBeforeContents?: boolean;
  /** A failed sync is tried again, and believed when it then succeeds. */
  readonly retryFailedSync?: boolean;
  /** A failed sync is taken for a good one. */
  readonly ignoreFailedSync?: boolean;
  /** Records count as durable once written. */
  readonly acknowledgeBeforeSync?: boolean;
  /** The remains of a batch cut short stay where they are. */
  readonly keepTornTail?: boolean;
  /** What recovery reads counts as durable although it may be in the page cache only. */
  readonly trustPageCache?: boolean;
  /** Segments are removed before it is durable that they may be missing. */
  readonly removeBeforeMark?: boolean;
  /** A truncation of the suffix is said to be done before it is durable. */
  readonly acknowledgeTruncationEarly?: boolean;
  /** No marker is written when idle. */
  readonly skipIdleMarker?: boolean;
}
