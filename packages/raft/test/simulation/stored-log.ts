import type {
  Configuration,
  Entry,
  EntryPlace,
  HardState,
  Index,
  PersistBatch,
  RestoredState,
  SnapshotMeta,
  Term,
} from '../../src/index.ts';

type StoredRecord =
  | { readonly kind: 'hardState'; readonly hardState: HardState }
  | { readonly kind: 'snapshot'; readonly snapshot: SnapshotMeta }
  | { readonly kind: 'entry'; readonly entry: Entry };

/**
 * The write-ahead log of a simulated member: what is on the platter, and what is still on its way there. Records
 * arrive in order; at a crash any number of those under way may have arrived.
 */
export class StoredLog {
  private hardState: HardState;
  private snapshot: SnapshotMeta;
  private entries: Entry[];
  private writing: PersistBatch[] = [];

  constructor({ hardState, snapshot, entries }: RestoredState) {
    this.hardState = hardState;
    this.snapshot = snapshot;
    this.entries = [...entries];
  }

  get onDisk(): RestoredState {
    return { hardState: this.hardState, snapshot: this.snapshot, entries: [...this.entries] };
  }

  get storedHardState(): HardState {
    return this.hardState;
  }

  get lastIndex(): Index {
    return this.snapshot.index + this.entries.length;
  }

  /** How the log ends, and by which configuration a member would decide that woke up with it. */
  get end(): { term: Term; index: Index; configuration: Configuration } {
    const newest = this.entries.findLast((entry) => entry.kind === 'configuration');
    return {
      term: this.entries.at(-1)?.term ?? this.snapshot.term,
      index: this.lastIndex,
      configuration: newest?.configuration ?? this.snapshot.configuration,
    };
  }

  get isWriting(): boolean {
    return this.writing.length > 0;
  }

  termAt(index: Index): Term | undefined {
    if (index === this.snapshot.index) return this.snapshot.term;
    return this.entries[index - this.snapshot.index - 1]?.term;
  }

  /** Whether a committed entry is here, or covered by the snapshot. */
  holds({ index, term }: EntryPlace): boolean {
    return index <= this.snapshot.index || this.termAt(index) === term;
  }

  write(batch: PersistBatch): void {
    this.writing.push(batch);
  }

  /** The oldest batch becomes durable. */
  finishOne(): PersistBatch | undefined {
    const batch = this.writing.shift();
    if (batch !== undefined) for (const record of recordsOf(batch)) this.store(record);
    return batch;
  }

  /** Power is lost: of what was under way, a beginning has arrived. */
  crash(survivors: (records: number) => number): void {
    const records = this.writing.flatMap(recordsOf);
    for (const record of records.slice(0, survivors(records.length))) this.store(record);
    this.writing = [];
  }

  /** The host records that the log begins behind a snapshot from now on. */
  compact(snapshot: SnapshotMeta): void {
    this.entries = this.entries.slice(snapshot.index - this.snapshot.index);
    this.snapshot = snapshot;
  }

  private store(record: StoredRecord): void {
    switch (record.kind) {
      case 'hardState':
        this.hardState = record.hardState;
        return;
      case 'snapshot':
        this.snapshot = record.snapshot;
        this.entries = [];
        return;
      case 'entry':
        this.entries.length = Math.max(0, record.entry.index - this.snapshot.index - 1);
        this.entries.push(record.entry);
    }
  }
}

function recordsOf({ hardState, snapshot, entries }: PersistBatch): StoredRecord[] {
  return [
    ...(hardState === undefined ? [] : [{ kind: 'hardState', hardState } as const]),
    ...(snapshot === undefined ? [] : [{ kind: 'snapshot', snapshot } as const]),
    ...entries.map((entry) => ({ kind: 'entry', entry }) as const),
  ];
}
