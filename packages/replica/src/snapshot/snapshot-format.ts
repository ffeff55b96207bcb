/**
 * A snapshot as bytes, the same from every store that holds the same rows:
 *
 *     magic "EOSN" · version (8 bits) · cluster (text) · epoch (32) · position (48) · number of tables (16)
 *     for each table, in the order of the schemas:
 *         name (text) · columns (text)
 *         for each row, in primary-key order:  length (32, not 0) · row
 *         0 (32) · number of rows (48)
 *     SHA-256 of all of that (32 bytes)
 *
 *     row: for each column in the schema's order, a tag (8) and the value:
 *         0 null   1 integer (64)   2 text (length 32, UTF-8)   3 bytes (length 32, bytes)
 *
 * Integers are big-endian. Chunks are cut anywhere.
 */
export const SNAPSHOT_MAGIC = 0x454f534e;
export const SNAPSHOT_VERSION = 1;
export const SNAPSHOT_HASH = 'sha256';
export const SNAPSHOT_HASH_BYTES = 32;
export const CHUNK_BYTES: number = 64 * 1024;
/** One row; far above what a command could make. */
export const ROW_BYTES_MAX: number = 16 * 2 ** 20;
export const HEADER_TEXT_BYTES_MAX: number = 64 * 1024;

export interface SnapshotHeader {
  readonly cluster: string;
  readonly epoch: number;
  readonly position: number;
}
