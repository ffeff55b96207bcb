import { seededRandom } from '@everopen/core';
import { expect, it } from 'vitest';
import { RaftCore } from '../core/raft-core.ts';
import type { Entry } from '../core/types.ts';
import type { RaftNode } from '../node/raft-node.ts';
import { readCommitted } from './committed-reader.ts';
import type { LogEvent } from './ordered-log.ts';

const configuration = { voters: [1, 2, 3], learners: [] };
const ENTRIES = 10;
const SNAPSHOT = { index: 1_000, term: 1, commands: 900, configuration };

it('R4: hands over a snapshot that was installed while its consumer was busy with older commands', async () => {
  const core = followerWith(ENTRIES);
  const events = readCommitted(0, {
    node: nodeWith(core),
    changed: () => Promise.reject(new Error('There is something to read')),
    isClosed: () => false,
    failure: () => undefined,
    nameOf: String,
  });
  expect(await next(events)).toMatchObject({ kind: 'commands', first: 1, commands: { length: ENTRIES } });

  core.step({ type: 'snapshot', from: 2, to: 1, term: 1, meta: SNAPSHOT });
  core.persisted(core.takeReady().persist?.seq as number);

  expect(await next(events)).toMatchObject({ kind: 'snapshot', position: SNAPSHOT.commands });
});

/** A follower whose log holds so many commands, all committed and on its disk. */
function followerWith(commands: number): RaftCore {
  const entries = Array.from({ length: commands }, (_, i): Entry => ({
    index: i + 1,
    term: 1,
    kind: 'command',
    data: Uint8Array.of(i),
  }));
  const core = new RaftCore({
    id: 1,
    random: seededRandom(1),
    restored: {
      hardState: { term: 1, votedFor: 2 },
      snapshot: { index: 0, term: 0, commands: 0, configuration },
      entries,
    },
  });
  core.step({ type: 'heartbeat', from: 2, to: 1, term: 1, commit: commands, round: 0, sentTo: commands });
  core.takeReady();
  return core;
}

function nodeWith(core: RaftCore): RaftNode {
  const files = { has: () => Promise.resolve(true), read: () => [] };
  return { core, files, wake: () => {} } as unknown as RaftNode;
}

async function next(events: AsyncGenerator<LogEvent, void, undefined>): Promise<LogEvent> {
  const { value } = await events.next();
  return value as LogEvent;
}
