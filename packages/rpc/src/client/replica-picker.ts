import type { Clock, Random } from '@everopen/core';

export interface PickedReplica<Connection> {
  readonly connection: Connection;
  /** Monotonic time until which others are preferred. */
  suspectUntilMs: number;
  failures: number;
}

export interface ReplicaPicker<Connection> {
  readonly all: readonly PickedReplica<Connection>[];
  /** The replica in use, or the next one that is not suspect; if all are, the one that has rested longest. */
  pick(): PickedReplica<Connection>;
  /** It could not serve: prefer others for a while, longer each time in a row. */
  suspect(replica: PickedReplica<Connection>): void;
  /** Stay with this one from now on, unless it is suspect itself; says whether it is not. */
  prefer(replica: PickedReplica<Connection>): boolean;
}

const FIRST_REST_MS = 50;
const MAX_REST_MS = 2_000;

/** Stays with one replica (its caches are warm, its answers fresh) and leaves it when it cannot serve. */
export function replicaPicker<Connection>(
  connections: readonly Connection[],
  clock: Clock,
  random: Random,
): ReplicaPicker<Connection> {
  const all = connections.map((connection) => ({ connection, suspectUntilMs: 0, failures: 0 }));
  if (all.length === 0) throw new RangeError('At least one address is needed');
  let current = random.below(all.length);
  const at = (index: number): PickedReplica<Connection> => all[index % all.length] as (typeof all)[number];
  return {
    all,
    pick: () => {
      const nowMs = clock.monotonicMs();
      for (let step = 0; step < all.length; step++) {
        const replica = at(current + step);
        if (replica.suspectUntilMs > nowMs) continue;
        current = (current + step) % all.length;
        if (replica.failures > 0 && nowMs - replica.suspectUntilMs > MAX_REST_MS) replica.failures = 0;
        return replica;
      }
      return all.reduce((best, replica) => (replica.suspectUntilMs < best.suspectUntilMs ? replica : best));
    },
    suspect: (replica) => {
      const restMs = Math.min(MAX_REST_MS, FIRST_REST_MS * 2 ** replica.failures);
      replica.failures++;
      replica.suspectUntilMs = clock.monotonicMs() + restMs;
    },
    prefer: (replica) => {
      if (replica.suspectUntilMs > clock.monotonicMs()) return false;
      current = all.indexOf(replica);
      return true;
    },
  };
}
