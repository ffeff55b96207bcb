/**
 * The file operations that durability rests on, and no others, so that a simulated disk can lose, tear,
 * delay or refuse each of them. Paths are joined with '/' by the caller.
 *
 * Nothing is durable before `sync` (contents) or `syncDirectory` (names: created, renamed, removed) has
 * resolved. Failures reject with `DiskFull` (ENOSPC, EDQUOT), `NotFound` (ENOENT) or `DiskFailed` (all else).
 */
export interface Disk {
  /** Opens for reading and writing. Without `create`, a missing file is `NotFound`. */
  open(path: string, options?: OpenOptions): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in a directory, sorted. */
  list(directory: string): Promise<string[]>;
  /** Creates the directory and its parents, durably; no error if it is there. */
  makeDirectory(directory: string): Promise<void>;
  syncDirectory(directory: string): Promise<void>;
}

export interface OpenOptions {
  readonly create?: boolean;
  /** With `create`: fail with `DiskFailed` if the file exists. */
  readonly exclusive?: boolean;
}

export interface DiskFile {
  size(): Promise<number>;
  /** Up to `length` bytes from `offset`; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Writes all the bytes (short writes are continued). The caller must not change `bytes` before it resolves. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(length: number): Promise<void>;
  /** fdatasync. After a rejection the file's unsynced contents are unknown for ever: do not retry. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
