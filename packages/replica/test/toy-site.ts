import { cryptoRandom, uuidV7 } from '@everopen/core';
import {
  openReplica,
  soloLog,
  type ExecuteRequest,
  type Replica,
  type ReplicaOptions,
} from '@everopen/replica';
import { SurvivingStore, toyCommand, ToyMachine } from '@everopen/replica/testing';
import { SimulatedDisk } from '@everopen/simulation';
import type { LockOwner } from '@everopen/wal';
import { afterEach } from 'vitest';
import type { Store } from '../src/store/store.ts';

const IDENTITY = { cluster: 'test', epoch: 3, member: 'a', members: ['a'] };

/** One machine: a disk and a store that outlive its replicas. */
export class ToySite {
  readonly disk = new SimulatedDisk();
  readonly store = new SurvivingStore();
  readonly fatal: unknown[] = [];
  machine = new ToyMachine();
  replica: Replica | undefined;
  private boots = 0;

  async start(options: Partial<ReplicaOptions> = {}): Promise<Replica> {
    this.machine = new ToyMachine();
    this.replica = await openReplica({
      identity: IDENTITY,
      machine: this.machine,
      log: soloLog({
        member: 'a',
        disk: this.disk.mount(),
        wal: {
          directory: '/data/log',
          segmentBytes: 64 * 1024,
          maxRecordBytes: 20_000,
          owner: this.nextBoot(),
        },
      }),
      store: this.store.open,
      onFatal: (error) => this.fatal.push(error),
      ...options,
    });
    return this.replica;
  }

  /** The power fails: what was neither synced nor checkpointed is gone, and so is whoever ran. */
  powerFailure(): void {
    this.disk.powerFailure();
    this.store.powerFailure(() => 0);
    this.replica = undefined;
  }

  private nextBoot(): LockOwner {
    return { name: `boot-${++this.boots}`, isAlive: () => false };
  }

  /** The same store, but for some of its methods. */
  readonly storeWith =
    (change: (store: Store) => Partial<Store>): ReplicaOptions['store'] =>
    async (context) => {
      const store = await this.store.open(context);
      return Object.assign(Object.create(store) as Store, change(store));
    };

  balance(name: string): number | undefined {
    return this.machine.accounts.get(name)?.balance;
  }
}

const sites: ToySite[] = [];

/** A site whose replica is closed when the test ends. */
export function newSite(): ToySite {
  const site = new ToySite();
  sites.push(site);
  return site;
}
afterEach(async () => {
  for (const { replica } of sites.splice(0)) await replica?.close();
});

/** An idempotency key made now, or so many milliseconds ahead. */
export const newKey = (ahead = 0): Uint8Array => uuidV7(Date.now() + ahead, cryptoRandom);

export const change = (name: string, amount: number, key?: Uint8Array): ExecuteRequest => ({
  payload: toyCommand({ name, amount }),
  ...(key === undefined ? {} : { once: { key, owner: 'owner' } }),
});
