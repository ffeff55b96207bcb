import type { MemberId } from '../model/processor.ts';
import { compareRings, FOUNDING_RING, type RingId } from '../model/ring.ts';
import type { GroupMutations } from '../model/mutations.ts';
import type { State } from './control.ts';
import type { Position, Run } from './replicated-log.ts';

/** The log from which a ring starts. */
export interface History {
  readonly donor: MemberId;
  readonly accepted: RingId;
  readonly length: Position;
  readonly base: Position;
  readonly runs: readonly Run[];
}

/**
 * Which history wins: the one with the highest accepted ring, then the longest, then the lowest member's. Every member of
 * the ring has the same states before it, so all choose the same. Members without an accepted ring (a new disk) are not
 * asked: what they do not have proves nothing. `undefined` while fewer than a majority of the configured members can be.
 */
export function chooseHistory(
  states: ReadonlyMap<MemberId, State>,
  majority: number,
  mutations: GroupMutations,
): History | undefined {
  const voters = [...states]
    .map(([donor, state]) => ({ donor, ...state }))
    .filter(({ accepted }) => accepted !== undefined || mutations.amnesiacsVote === true)
    .map((state) => ({ ...state, accepted: state.accepted ?? FOUNDING_RING }));
  if (voters.length < majority) return undefined;
  const byRing = (a: History, b: History): number =>
    mutations.longestLogWins === true ? 0 : compareRings(b.accepted, a.accepted);
  return voters.sort((a, b) => byRing(a, b) || b.length - a.length || a.donor - b.donor)[0];
}
