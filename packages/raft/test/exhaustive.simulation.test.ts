import { describe, expect, it } from 'vitest';
import type { RaftMutations } from '../src/index.ts';
import { SmallWorld } from './exhaustive/small-world.ts';

/** `EVEROPEN_CRASHES=1` lets one member crash at any time, too: many more states, for a night. */
const CRASHES = Number(process.env['EVEROPEN_CRASHES'] ?? 0);

describe('three members, two terms, two entries', () => {
  it('keep every promise in every order of events', () => {
    const states = explored({ crashes: CRASHES });
    console.log(`${states} states`);
    expect(states).toBeGreaterThan(20_000);
  });

  it.each<RaftMutations>([{ votesTwice: true }, { votesForOutdatedLogs: true }, { acceptsOldTerms: true }])(
    'but not with the fault %o',
    (mutations) => {
      expect(() => explored({ crashes: 0, mutations })).toThrow();
    },
  );
});

/** Looks at every state that can be reached, nearest first, and says how many there are. */
function explored(options: ConstructorParameters<typeof SmallWorld>[0]): number {
  const first = new SmallWorld(options);
  const seen = new Set([first.fingerprint()]);
  for (let frontier = [first]; frontier.length > 0;) {
    const next: SmallWorld[] = [];
    for (const world of frontier) {
      for (const move of world.moves()) {
        const after = world.after(move);
        const fingerprint = after.fingerprint();
        if (seen.has(fingerprint)) continue;
        seen.add(fingerprint);
        next.push(after);
      }
    }
    frontier = next;
  }
  return seen.size;
}
