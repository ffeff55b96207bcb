import { CodedError } from '@everopen/core';
import type { Position, SnapshotSource } from '../log/ordered-log.ts';
import { ANSWERS } from '../once/remembered-answers.ts';
import type { ReplicaMutations } from '../replicated/mutations.ts';
import { decodeSnapshot } from '../snapshot/decode-snapshot.ts';
import { encodeSnapshot } from '../snapshot/encode-snapshot.ts';
import { ReleasedChunks } from '../snapshot/released-chunks.ts';
import { installSnapshot } from '../snapshot/install-snapshot.ts';
import type { TableSchema } from '../state/schema.ts';
import type { Store } from '../store/store.ts';
import type { PositionGate } from './position-gate.ts';

export interface StoreSnapshotsOptions {
  readonly cluster: string;
  readonly epoch: number;
  readonly schemas: readonly TableSchema[];
  readonly store: Store;
  readonly mutations: ReplicaMutations;
}

/** Snapshots out of the store, for peers, and from peers into the store. */
export class StoreSnapshots implements SnapshotSource {
  private readonly options: StoreSnapshotsOptions;
  private stored: PositionGate | undefined;

  constructor(options: StoreSnapshotsOptions) {
    this.options = options;
  }

  /** Called once the replica runs: from then on a snapshot can wait for the store to be far enough. */
  follow(stored: PositionGate): void {
    this.stored = stored;
  }

  async snapshot(atLeast: Position): Promise<{ position: Position; chunks: AsyncIterable<Uint8Array> }> {
    const { cluster, epoch, schemas, store, mutations } = this.options;
    await this.stored?.wait(atLeast);
    const snapshot = await store.snapshot();
    const { position } = snapshot;
    if (position < atLeast) {
      await snapshot.release();
      throw new CodedError('NotReady', `The store is at ${position}, a snapshot at ${atLeast} was asked for`);
    }
    const rows =
      mutations.answersNotInSnapshot === true
        ? {
            ...snapshot,
            rows: (table: TableSchema) => (table.name === ANSWERS.name ? nothing() : snapshot.rows(table)),
          }
        : snapshot;
    const chunks = encodeSnapshot({ cluster, epoch, position }, schemas, rows);
    return { position, chunks: new ReleasedChunks(chunks, () => snapshot.release()) };
  }

  async install(position: Position, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { cluster, epoch, schemas, store } = this.options;
    const rows = decodeSnapshot({ cluster, epoch, position }, schemas, chunks);
    await installSnapshot(store, position, schemas, rows);
  }
}

async function* nothing(): AsyncGenerator<never, void, undefined> {}
