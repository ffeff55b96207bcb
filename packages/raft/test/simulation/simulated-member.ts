import type { Random } from '@everopen/core';
import {
  RaftCore,
  type Index,
  type MemberId,
  type MessageOf,
  type RaftLimits,
  type RaftMutations,
  type ReadId,
  type Ready,
  type RestoredState,
  type SnapshotMeta,
} from '../../src/index.ts';
import { applyEntry, EMPTY_STATE, type MachineState } from './counting-machine.ts';
import { StoredLog } from './stored-log.ts';

export interface MemberOptions {
  readonly id: MemberId;
  readonly founding: RestoredState;
  readonly random: Random;
  readonly limits: Partial<RaftLimits>;
  readonly mutations: RaftMutations;
}

export interface SnapshotFile {
  readonly meta: SnapshotMeta;
  readonly state: MachineState;
}

/**
 * One simulated process with its disk: a core, its log on disk, a state machine, and the state's own store, which
 * lags behind. Keeps to the contract of `RaftCore`; what of it the faults may delay, the cluster decides.
 */
export class SimulatedMember {
  readonly id: MemberId;
  readonly stored: StoredLog;
  private readonly options: MemberOptions;
  private boots = 0;
  private running: RaftCore | undefined;

  isPaused = false;
  /** Inputs were given since the last `takeReady`. */
  isDue = false;
  machine: MachineState = EMPTY_STATE;
  /** What of the machine's state survives a crash. */
  store: MachineState = EMPTY_STATE;
  snapshotFiles: SnapshotFile[] = [];
  /** What each read that waits must at least see. */
  reads: Map<ReadId, Index> = new Map();
  /** A snapshot that was received, and whose record is not durable yet. */
  installing: MessageOf<'snapshot'> | undefined;
  /** How far the invariants have looked at what this member says is committed. */
  commitChecked: Index = 0;
  ledTerm = 0;

  constructor(options: MemberOptions) {
    this.id = options.id;
    this.options = options;
    this.stored = new StoredLog(options.founding);
    this.start();
  }

  get isUp(): boolean {
    return this.running !== undefined;
  }

  get core(): RaftCore {
    if (this.running === undefined) throw new Error(`Member ${this.id} is down`);
    return this.running;
  }

  start(): void {
    const restored = this.stored.onDisk;
    const { id, random, limits, mutations } = this.options;
    this.boots++;
    if (this.store.applied < restored.snapshot.index) this.store = this.fileAt(restored.snapshot.index).state;
    if (this.store.applied > this.stored.lastIndex) {
      throw new Error(
        `The store of member ${id} is at ${this.store.applied}, its log ends at ${this.stored.lastIndex}`,
      );
    }
    this.machine = this.store;
    this.running = new RaftCore({ id, restored, random, limits, mutations });
    this.running.appliedTo(this.machine.applied);
    this.commitChecked = restored.snapshot.index;
    this.isDue = true;
  }

  crash(survivors: (records: number) => number): void {
    this.stored.crash(survivors);
    this.running = undefined;
    this.isPaused = false;
    this.isDue = false;
    this.installing = undefined;
    this.reads.clear();
    this.ledTerm = 0;
  }

  takeReady(): Ready {
    this.isDue = false;
    const ready = this.core.takeReady();
    if (ready.persist !== undefined) this.stored.write(ready.persist);
    return ready;
  }

  finishWrite(): void {
    const batch = this.stored.finishOne();
    if (batch === undefined) return;
    this.core.persisted(batch.seq);
    this.isDue = true;
  }

  /** Applies at most so many entries, or installs the snapshot that the log begins with. */
  apply(maxEntries: number): void {
    const { core } = this;
    const { snapshot } = core.log;
    if (core.applicable < snapshot.index) return;
    if (this.machine.applied < snapshot.index) {
      this.machine = this.fileAt(snapshot.index).state;
      this.store = this.machine;
    }
    const entries = core.log.slice(this.machine.applied + 1, {
      last: core.applicable,
      maxEntries,
      maxBytes: Infinity,
    });
    for (const entry of entries) this.machine = applyEntry(this.machine, entry);
    core.appliedTo(this.machine.applied);
    this.isDue = true;
  }

  saveState(): void {
    this.store = this.machine;
  }

  /** The log is compacted behind the stored state. */
  compact(trailing: number): void {
    const base = this.core.compact(this.store.applied - trailing);
    if (base !== undefined) this.stored.compact(base);
    this.snapshotFiles = this.snapshotFiles.filter(({ meta }) => meta.index >= this.store.applied);
  }

  takeSnapshot(): SnapshotFile {
    return { meta: this.core.log.metaAt(this.machine.applied), state: this.machine };
  }

  /** A streamed snapshot is complete, and on this disk. */
  receiveSnapshot(file: SnapshotFile, message: MessageOf<'snapshot'>): void {
    this.snapshotFiles.push(file);
    this.installing = message;
    this.core.step(message);
    this.isDue = true;
  }

  private fileAt(index: Index): SnapshotFile {
    const file = this.snapshotFiles.find(({ meta }) => meta.index === index);
    if (file === undefined) throw new Error(`Member ${this.id} has no snapshot at ${index}`);
    return file;
  }
}
