import { CodedError, type Disk, type DiskFile } from '@everopen/core';
import type { World } from '../world/world.ts';
import { Volume, type Fates, type Inode } from './volume.ts';

/** A call on a disk, as a fault injector or a recorder sees it. */
export interface DiskOperation {
  readonly kind:
    | 'open'
    | 'create'
    | 'read'
    | 'write'
    | 'truncate'
    | 'sync'
    | 'close'
    | 'rename'
    | 'remove'
    | 'list'
    | 'syncDirectory';
  readonly path: string;
  /** Of a read or write. */
  readonly bytes: number;
  /** Calls on this disk before this one. */
  readonly index: number;
}

/** What goes wrong with one call. */
export interface DiskFault {
  /** How it fails; without it, it is only slow. */
  readonly errno?: 'EIO' | 'ENOSPC' | 'EROFS';
  /** Of a write that fails: how much of it is done all the same. */
  readonly writtenBytes?: number;
  readonly delayMs?: number;
}

export interface SimulatedDiskOptions {
  /** Gives latency its time. Without a world every call is done at once. */
  readonly world?: World;
  /** Virtual ms that a call takes. Default: 0.1 for a sync, 0.01 for anything else. */
  readonly latencyMs?: (operation: DiskOperation) => number;
  /** Writes that would make all files together larger fail with ENOSPC. Default: no limit. */
  readonly capacityBytes?: number;
  /** Begin with this content. */
  readonly volume?: Volume;
}

/**
 * A disk that loses what was not synced, tears writes, fails and fills up as told. A running program holds the
 * `Disk` of `mount()`; after `powerFailure` or `kill` the calls of that program never return, as it is dead, and
 * the next start mounts anew.
 */
export class SimulatedDisk {
  /** Asked before each call. */
  inject: ((operation: DiskOperation) => DiskFault | undefined) | undefined;
  /** Told before each call has its effect. */
  observe: ((operation: DiskOperation) => void) | undefined;
  capacityBytes: number;
  private readonly world: World | undefined;
  private readonly latencyMs: (operation: DiskOperation) => number;
  private current: Volume;
  private mounts = 0;
  private operations = 0;

  constructor(options: SimulatedDiskOptions = {}) {
    this.world = options.world;
    this.latencyMs = options.latencyMs ?? (({ kind }) => (kind === 'sync' ? 0.1 : 0.01));
    this.capacityBytes = options.capacityBytes ?? Infinity;
    this.current = options.volume ?? new Volume();
  }

  get volume(): Volume {
    return this.current;
  }

  /** The disk for one run of a program. Whoever mounted it before is dead. */
  mount(): Disk {
    return new MountedDisk(this, ++this.mounts);
  }

  /** The machine loses power: unsynced changes meet their fates (default: all lost). */
  powerFailure(fates: Fates = () => 'lost'): void {
    this.mounts++;
    this.current = this.current.afterPowerFailure(fates);
  }

  /** The program is killed: what it wrote stays in the page cache, unsynced. */
  kill(): void {
    this.mounts++;
  }

  /** For `MountedDisk`: runs one call with its latency and faults; never settles for a dead program. */
  async call<T>(
    mount: number,
    described: Pick<DiskOperation, 'kind' | 'path'> & { bytes?: number },
    steps: {
      /** Has its effect when the call is made; throws to refuse. */
      begin: () => T;
      /** What an injected failure leaves behind. */
      fail?: (fault: DiskFault, begun: T | undefined) => void;
      /** Has its effect when the call returns. */
      end?: (begun: T) => void;
      /** The effect of `begin` happens although the call fails later. */
      beginsDespiteFault?: boolean;
    },
  ): Promise<T> {
    await this.unlessDead(mount);
    const operation: DiskOperation = { bytes: 0, ...described, index: this.operations++ };
    this.observe?.(operation);
    const fault = this.inject?.(operation);
    const failing = fault?.errno !== undefined;
    const begun = failing && steps.beginsDespiteFault !== true ? undefined : steps.begin();
    const delayMs = (this.world ? this.latencyMs(operation) : 0) + (fault?.delayMs ?? 0);
    if (this.world && delayMs > 0) await this.world.sleep(delayMs);
    await this.unlessDead(mount);
    if (failing) {
      steps.fail?.(fault, begun);
      throw diskError(operation.path, fault.errno ?? 'EIO');
    }
    steps.end?.(begun as T);
    return begun as T;
  }

  private unlessDead(mount: number): Promise<void> {
    return mount === this.mounts ? Promise.resolve() : new Promise(() => {});
  }
}

class MountedDisk implements Disk {
  private readonly owner: SimulatedDisk;
  private readonly mount: number;

  constructor(owner: SimulatedDisk, mount: number) {
    this.owner = owner;
    this.mount = mount;
  }

  async open(path: string, options: { create?: boolean; exclusive?: boolean } = {}): Promise<DiskFile> {
    const { owner, mount } = this;
    const creates = options.create === true && owner.volume.lookUp(path) === undefined;
    const file = await owner.call(
      mount,
      { kind: creates ? 'create' : 'open', path },
      {
        begin: () => {
          const existing = owner.volume.lookUp(path);
          if (existing && options.create === true && options.exclusive === true)
            throw diskError(path, 'EEXIST');
          return (
            existing ?? (options.create === true ? owner.volume.create(path) : owner.volume.require(path))
          );
        },
      },
    );
    return new MountedFile(owner, mount, path, file);
  }

  rename(from: string, to: string): Promise<void> {
    return this.owner.call(
      this.mount,
      { kind: 'rename', path: from },
      { begin: () => this.owner.volume.rename(from, to) },
    );
  }

  remove(path: string): Promise<void> {
    return this.owner.call(
      this.mount,
      { kind: 'remove', path },
      { begin: () => this.owner.volume.remove(path) },
    );
  }

  list(directory: string): Promise<string[]> {
    return this.owner.call(
      this.mount,
      { kind: 'list', path: directory },
      {
        begin: () => this.owner.volume.list(directory),
      },
    );
  }

  async makeDirectory(directory: string): Promise<void> {
    this.owner.volume.makeDirectory(directory);
  }

  async syncDirectory(directory: string): Promise<void> {
    const { owner } = this;
    await owner.call(
      this.mount,
      { kind: 'syncDirectory', path: directory },
      {
        begin: () => {
          owner.volume.requireDirectory(directory);
          return owner.volume.captureSync(directory);
        },
        beginsDespiteFault: true,
        fail: (_fault, captured) => captured && owner.volume.failSync(captured),
        end: (captured) => owner.volume.commitSync(captured),
      },
    );
  }
}

class MountedFile implements DiskFile {
  private readonly owner: SimulatedDisk;
  private readonly mount: number;
  private readonly openedAs: string;
  private readonly file: Inode;
  private closed = false;

  constructor(owner: SimulatedDisk, mount: number, path: string, file: Inode) {
    this.owner = owner;
    this.mount = mount;
    this.openedAs = path;
    this.file = file;
  }

  /** The name that the file has now. */
  private get path(): string {
    return this.owner.volume.pathOf(this.file) ?? this.openedAs;
  }

  async size(): Promise<number> {
    return this.file.cache.length;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.call('read', length, () => this.file.cache.read(offset, length));
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    const { owner, file, path } = this;
    return owner.call(
      this.mount,
      { kind: 'write', path, bytes: bytes.length },
      {
        begin: () => {
          this.requireOpen();
          const grows = Math.max(0, offset + bytes.length - file.cache.length);
          if (grows > 0 && owner.volume.usedBytes + grows > owner.capacityBytes)
            throw diskError(path, 'ENOSPC');
          owner.volume.write(file, offset, bytes);
        },
        fail: ({ writtenBytes = 0 }) => {
          if (writtenBytes > 0) owner.volume.write(file, offset, bytes.subarray(0, writtenBytes));
        },
      },
    );
  }

  truncate(length: number): Promise<void> {
    return this.call('truncate', 0, () => this.owner.volume.truncate(this.file, length));
  }

  async sync(): Promise<void> {
    const { owner, path } = this;
    await owner.call(
      this.mount,
      { kind: 'sync', path },
      {
        begin: () => {
          this.requireOpen();
          return owner.volume.captureSync(this.file);
        },
        beginsDespiteFault: true,
        fail: (_fault, captured) => captured && owner.volume.failSync(captured),
        end: (captured) => owner.volume.commitSync(captured),
      },
    );
  }

  close(): Promise<void> {
    return this.call('close', 0, () => void (this.closed = true));
  }

  private call<T>(kind: DiskOperation['kind'], bytes: number, begin: () => T): Promise<T> {
    return this.owner.call(
      this.mount,
      { kind, path: this.path, bytes },
      {
        begin: () => {
          this.requireOpen();
          return begin();
        },
      },
    );
  }

  private requireOpen(): void {
    if (this.closed) throw diskError(this.path, 'EBADF');
  }
}

/** As the real disk would say it. */
function diskError(path: string, errno: string): CodedError {
  return new CodedError(errno === 'ENOSPC' ? 'DiskFull' : 'DiskFailed', `${path}: ${errno}`, {
    details: { path, errno },
  });
}
