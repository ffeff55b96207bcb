import type { Invariant, ReplicaState, Violation } from '../books.ts';

const NAME = 'digests';

/** Replicas of a database that have applied the same commands hold the same rows. */
export const digestsInvariant: Invariant = {
  name: NAME,
  statement: 'Replicas at the same position have the same digest.',
  check: ({ replicas }) => {
    const first = new Map<string, ReplicaState>();
    return replicas.flatMap((replica): Violation[] => {
      const place = `${replica.database} ${replica.applied}`;
      const other = first.get(place) ?? replica;
      first.set(place, other);
      if (other.digest === replica.digest) return [];
      return [
        {
          invariant: NAME,
          subject: `${replica.database} ${replica.address}`,
          message: `${replica.address} and ${other.address} differ at position ${replica.applied} of the ${replica.database} database`,
        },
      ];
    });
  },
};
