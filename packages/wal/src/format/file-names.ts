const SEGMENT = /^([0-9a-f]{16})\.wal$/;

/** Left where a write or sync has failed: the page cache of the machine is not to be believed. */
export const FAILURE_MARKER = 'FSYNC_FAILED';

/** `0000000000000001.wal`: names sort like numbers. */
export function segmentName(number: number): string {
  return `${number.toString(16).padStart(16, '0')}.wal`;
}

/** The number of a segment's file; undefined for any other file. */
export function segmentNumber(name: string): number | undefined {
  const digits = SEGMENT.exec(name)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** A segment under construction. It gets its own name once its contents are synced. */
export function unfinishedName(number: number): string {
  return `${segmentName(number)}.new`;
}

export function isUnfinished(name: string): boolean {
  return name.endsWith('.wal.new');
}
