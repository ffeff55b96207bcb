import { CodedError } from '@everopen/core';

/** The unit that a disk writes as a whole. */
export const SECTOR_BYTES = 512;
const GARBAGE = 0xa5;

/** Something that a power failure may take away, in whole or in part. */
export type Unsynced =
  | { readonly kind: 'write'; readonly file: Inode; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: Inode; readonly length: number }
  | { readonly kind: 'create'; readonly file: Inode; readonly path: string }
  | { readonly kind: 'rename'; readonly file: Inode; readonly from: string; readonly path: string }
  | { readonly kind: 'remove'; readonly file: Inode; readonly path: string };

/**
 * What becomes of it: nothing, all, or of a write its first `keptBytes`; with `destroyed`, the sector in which
 * it broke off holds garbage, also where it held other data before.
 */
export type Fate = 'lost' | 'kept' | { readonly keptBytes: number; readonly destroyed?: boolean };

/** Decides the fate of each unsynced change, in the order in which they were made. */
export type Fates = (change: Unsynced, index: number, count: number) => Fate;

/** A file without its name. */
export interface Inode {
  /** What reads see. */
  cache: Contents;
  /** What is on the platters. */
  durable: Contents;
}

interface Entry {
  readonly change: Unsynced;
  /** A sync of it failed: later syncs pass over it, and only chance or a new write can save it. */
  doubtful: boolean;
}

/**
 * A disk with its page cache and a file system that promises nothing but what POSIX does: contents are
 * durable after a sync of the file, names after a sync of their directory, and of all else any part may
 * survive a power failure, in any order. Directories themselves are always durable. Synchronous and pure.
 */
export class Volume {
  private names = new Map<string, Inode>();
  private durableNames = new Map<string, Inode>();
  private directories = new Set<string>();
  private unsynced: Entry[] = [];

  /** Bytes of all files, as reads see them. */
  get usedBytes(): number {
    let sum = 0;
    for (const file of this.names.values()) sum += file.cache.length;
    return sum;
  }

  /** Changes that a power failure now would put at risk, oldest first. */
  changesAtRisk(): readonly Unsynced[] {
    return this.unsynced.map(({ change }) => change);
  }

  /** Paths of all files, sorted. */
  paths(): string[] {
    return [...this.names.keys()].sort();
  }

  lookUp(path: string): Inode | undefined {
    return this.names.get(path);
  }

  /** The name of a file, if it still has one. */
  pathOf(file: Inode): string | undefined {
    for (const [path, named] of this.names) if (named === file) return path;
    return undefined;
  }

  create(path: string): Inode {
    this.requireDirectory(parentOf(path));
    const file: Inode = { cache: new Contents(), durable: new Contents() };
    this.names.set(path, file);
    this.put({ kind: 'create', file, path });
    return file;
  }

  rename(from: string, path: string): void {
    const file = this.require(from);
    this.requireDirectory(parentOf(path));
    this.names.delete(from);
    this.names.set(path, file);
    this.put({ kind: 'rename', file, from, path });
  }

  remove(path: string): void {
    const file = this.require(path);
    this.names.delete(path);
    this.put({ kind: 'remove', file, path });
  }

  list(directory: string): string[] {
    this.requireDirectory(directory);
    return this.paths()
      .filter((path) => parentOf(path) === directory)
      .map((path) => path.slice(path.lastIndexOf('/') + 1));
  }

  makeDirectory(directory: string): void {
    for (let path = directory; path !== '' && path !== '.'; path = parentOf(path)) this.directories.add(path);
  }

  requireDirectory(directory: string): void {
    if (directory !== '' && directory !== '.' && !this.directories.has(directory)) throw notFound(directory);
  }

  require(path: string): Inode {
    const file = this.names.get(path);
    if (!file) throw notFound(path);
    return file;
  }

  write(file: Inode, offset: number, bytes: Uint8Array): void {
    const copy = Buffer.from(bytes);
    file.cache.write(offset, copy);
    this.put({ kind: 'write', file, offset, bytes: copy });
  }

  truncate(file: Inode, length: number): void {
    file.cache.truncate(length);
    this.put({ kind: 'truncate', file, length });
  }

  /** The changes that a sync issued now would make durable. */
  captureSync(target: Inode | string): ReadonlySet<Unsynced> {
    const belongs = (change: Unsynced): boolean =>
      typeof target === 'string'
        ? 'path' in change && parentOf(change.path) === target
        : !('path' in change) && change.file === target;
    return new Set(
      this.unsynced.filter((entry) => !entry.doubtful && belongs(entry.change)).map((e) => e.change),
    );
  }

  /** The sync succeeded. */
  commitSync(captured: ReadonlySet<Unsynced>): void {
    for (const { change } of this.unsynced) if (captured.has(change)) this.apply(change, 'kept');
    // What is durable now is newer than anything doubtful in the same place, which can no longer come through.
    const replaced = (older: Entry, at: number): boolean =>
      older.doubtful &&
      this.unsynced.slice(at).some(({ change }) => captured.has(change) && replaces(change, older.change));
    this.unsynced = this.unsynced.filter((entry, at) => !captured.has(entry.change) && !replaced(entry, at));
  }

  /** The sync failed: the cache goes on as if it had not, which is what Linux does. */
  failSync(captured: ReadonlySet<Unsynced>): void {
    for (const entry of this.unsynced) if (captured.has(entry.change)) entry.doubtful = true;
  }

  /** The volume after a power failure now; this one stays as it is. */
  afterPowerFailure(fates: Fates): Volume {
    const next = this.clone();
    const { unsynced } = next;
    unsynced.forEach(({ change }, index) => next.apply(change, fates(change, index, unsynced.length)));
    next.unsynced = [];
    next.names = new Map(next.durableNames);
    for (const file of next.names.values()) file.cache = file.durable.clone();
    return next;
  }

  /** An independent copy: what is in the cache only is in its cache only. */
  clone(): Volume {
    const next = new Volume();
    const copies = new Map<Inode, Inode>();
    const copy = (file: Inode): Inode => {
      const made = copies.get(file) ?? { cache: file.cache.clone(), durable: file.durable.clone() };
      copies.set(file, made);
      return made;
    };
    next.directories = new Set(this.directories);
    next.names = new Map([...this.names].map(([path, file]) => [path, copy(file)]));
    next.durableNames = new Map([...this.durableNames].map(([path, file]) => [path, copy(file)]));
    next.unsynced = this.unsynced.map(({ change, doubtful }) => ({
      change: { ...change, file: copy(change.file) },
      doubtful,
    }));
    return next;
  }

  private put(change: Unsynced): void {
    this.unsynced.push({ change, doubtful: false });
  }

  /** Lets a change reach the platters. */
  private apply(change: Unsynced, fate: Fate): void {
    if (fate === 'lost') return;
    const { file } = change;
    switch (change.kind) {
      case 'write':
        file.durable.write(
          change.offset,
          fate === 'kept' ? change.bytes : change.bytes.subarray(0, fate.keptBytes),
        );
        if (fate !== 'kept' && fate.destroyed === true)
          file.durable.destroySector(change.offset + fate.keptBytes);
        break;
      case 'truncate':
        file.durable.truncate(change.length);
        break;
      case 'create':
        this.durableNames.set(change.path, file);
        break;
      case 'rename':
        if (this.durableNames.get(change.from) === file) this.durableNames.delete(change.from);
        this.durableNames.set(change.path, file);
        break;
      case 'remove':
        if (this.durableNames.get(change.path) === file) this.durableNames.delete(change.path);
        break;
    }
  }
}

function replaces(newer: Unsynced, older: Unsynced): boolean {
  if ('path' in newer || 'path' in older) {
    return 'path' in newer && 'path' in older && newer.path === older.path;
  }
  if (newer.file !== older.file) return false;
  if (newer.kind === 'truncate' || older.kind === 'truncate') return newer.kind === older.kind;
  return newer.offset < older.offset + older.bytes.length && older.offset < newer.offset + newer.bytes.length;
}

/** Bytes of a file; holes are zeros. Copies share their bytes until one is written. */
export class Contents {
  private buffer: Buffer = Buffer.alloc(0);
  private shared = false;
  length = 0;

  read(offset: number, length: number): Buffer {
    return Buffer.from(
      this.buffer.subarray(Math.min(offset, this.length), Math.min(offset + length, this.length)),
    );
  }

  write(offset: number, bytes: Uint8Array): void {
    this.own(offset + bytes.length);
    this.buffer.set(bytes, offset);
    this.length = Math.max(this.length, offset + bytes.length);
  }

  truncate(length: number): void {
    this.own(length);
    this.buffer.fill(0, Math.min(length, this.length));
    this.length = length;
  }

  destroySector(at: number): void {
    const from = Math.floor(at / SECTOR_BYTES) * SECTOR_BYTES;
    const to = Math.min(from + SECTOR_BYTES, this.length);
    this.own(this.length);
    if (from < to) this.buffer.fill(GARBAGE, from, to);
  }

  clone(): Contents {
    const copy = new Contents();
    copy.buffer = this.buffer;
    copy.length = this.length;
    copy.shared = true;
    this.shared = true;
    return copy;
  }

  private own(capacity: number): void {
    if (!this.shared && capacity <= this.buffer.length) return;
    const size =
      capacity <= this.buffer.length ? this.buffer.length : Math.max(capacity, 2 * this.buffer.length);
    const grown = Buffer.alloc(size);
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
    this.shared = false;
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function notFound(path: string): CodedError {
  return new CodedError('NotFound', `${path}: no such file or directory`, {
    details: { path, errno: 'ENOENT' },
  });
}
