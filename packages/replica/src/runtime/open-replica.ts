import { cryptoRandom, silentLogger, systemClock } from '@everopen/core';
import { SUBMITTER_BYTES } from '../command/command-envelope.ts';
import { DIGESTS } from '../replicated/digest-rows.ts';
import { loadState } from '../replicated/load-state.ts';
import { ReplicatedState } from '../replicated/replicated-state.ts';
import type { TableSchema } from '../state/schema.ts';
import { DEFAULT_LIMITS, type ReplicaOptions } from './replica-options.ts';
import type { Replica } from './replica.ts';
import { RunningReplica } from './running-replica.ts';
import { StoreSnapshots } from './store-snapshots.ts';

/**
 * Starts a replica: opens its store, loads the rows, opens the log and replays it from the store's
 * position on. Resolves when it takes calls; it may still have to catch up, and reads wait for that.
 *
 * Rejects with `WrongCluster` (the store is another's), `Corrupt` (rows are not what was stored),
 * `DiskFailed`, `DiskFull`, or what the log's engine rejects with.
 */
export async function openReplica(options: ReplicaOptions): Promise<Replica> {
  const { identity, machine, mutations = {} } = options;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? cryptoRandom;
  const logger = options.logger ?? silentLogger;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const clockMembers = options.clockMembers ?? identity.members;

  if (clockMembers.length === 0) throw new TypeError('Somebody must keep time: clockMembers is empty');
  const state = new ReplicatedState({
    machine,
    clockMembers,
    featureLevelMax: options.featureLevelMax ?? 0,
    hashSeed: random.uint32(),
    mutations,
  });
  const { cluster, epoch } = identity;
  const tables = [...state.schemas, DIGESTS as unknown as TableSchema];
  const store = await options.store({ cluster, epoch, tables });
  try {
    await loadState(state, store);
    logger.info({ position: store.position, digest: state.digest() }, 'State loaded from the store');
    const snapshots = new StoreSnapshots({ cluster, epoch, schemas: state.schemas, store, mutations });
    const log = await options.log({ snapshots });
    return new RunningReplica({
      identity,
      state,
      store,
      log,
      snapshots,
      clock,
      logger,
      limits,
      clockMembers,
      mutations,
      submitter: random.fill(new Uint8Array(SUBMITTER_BYTES)),
      onFatal: options.onFatal,
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}
