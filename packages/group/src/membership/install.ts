import { assert } from '../model/assert.ts';
import type { MemberId } from '../model/processor.ts';
import { compareRings } from '../model/ring.ts';
import { cancelTimers } from './gather.ts';
import { createEngine, type GroupState, type RecoveryPhase } from './group-state.ts';

/**
 * Ends the old ring and begins the new one, in one step that nothing can interrupt. The stream of deliveries is the one
 * of extended virtual synchrony (Moser, Amir, Melliar-Smith, Agarwal, 1994): what is left of the old configuration; its
 * transitional configuration (those that come here together); what only they have; the new regular configuration.
 */
export function install(state: GroupState, { ring, mates }: RecoveryPhase): void {
  assert(compareRings(ring.id, state.ring.id) > 0, 'rings are installed in the order of their ids');
  cancelTimers(state);
  endOldRing(
    state,
    mates.map((i) => (ring.members[i] as { id: MemberId }).id),
  );
  for (const processor of state.failed.list()) {
    if (!state.gone.has(processor.id)) state.backoffs.leftOut(processor, state.nowMs);
  }
  state.gone.clear();
  state.obligation.clear();
  state.processors.replaceBy(ring.members);
  state.failed.replaceBy([]);
  state.newest.merge(ring.members);
  state.ring = ring;
  state.everInstalled = true;
  state.frozen = false;
  state.counters.ringsInstalled++;
  state.phase = { name: 'operational' };
  state.outbox.deliver({
    kind: 'configuration',
    configuration: 'regular',
    ring: ring.id,
    members: ring.members,
  });
  state.engine = createEngine(state, ring);
  state.engine.start();
  state.outbox.setTimer('beacon', state.settings.beaconMs);
}

function endOldRing(state: GroupState, mates: readonly MemberId[]): void {
  if (!state.everInstalled) return;
  const ring = state.ring.id;
  const kept = new Set([...mates, ...(state.mutations.ignoresObligation === true ? [] : state.obligation)]);
  const { regular, transitional, unordered } = state.engine.adopt(kept);
  for (const place of regular) {
    state.outbox.deliver({ kind: 'ordered', ring, ...place, transitional: false });
  }
  const members = state.ring.members.filter(({ id }) => mates.includes(id));
  state.outbox.deliver({ kind: 'configuration', configuration: 'transitional', ring, members });
  for (const place of transitional) {
    state.outbox.deliver({ kind: 'ordered', ring, ...place, transitional: true });
  }
  if (unordered.length > 0) state.outbox.deliver({ kind: 'unordered', messages: unordered });
}
