import type { MemberId, Processor } from './processor.ts';

/**
 * Names a ring, for ever. `seq` is larger than anything that a member of the ring promised before; the
 * representative's incarnation keeps the name unique even if its disk, and with it its promises, was lost.
 */
export interface RingId {
  readonly seq: number;
  readonly representative: MemberId;
  readonly incarnation: number;
}

export interface Ring {
  readonly id: RingId;
  /** In order of their ids; the first is the representative. */
  readonly members: readonly Processor[];
}

/** The ring that every replica has accepted when a group is founded. */
export const FOUNDING_RING: RingId = { seq: 0, representative: 0, incarnation: 0 };

/** Negative, 0 or positive: the order of rings as ballots. */
export function compareRings(a: RingId, b: RingId): number {
  return a.seq - b.seq || a.representative - b.representative || a.incarnation - b.incarnation;
}

export function sameRing(a: RingId, b: RingId): boolean {
  return compareRings(a, b) === 0;
}

/** For people, and as a key of maps. */
export function ringName({ seq, representative, incarnation }: RingId): string {
  return `${seq}.${representative}.${incarnation}`;
}

/** The place of a member in the ring, −1 if it is not in it. */
export function indexOf(ring: Ring, id: MemberId): number {
  return ring.members.findIndex((member) => member.id === id);
}
