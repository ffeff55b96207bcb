import { CodedError } from '@everopen/core';
import type { Entry, Index } from '../core/types.ts';
import type { RaftNode } from '../node/raft-node.ts';
import type { LogEvent, Position } from './ordered-log.ts';

const EVENT_ENTRIES_MAX = 1_000;
const EVENT_BYTES_MAX = 1024 * 1024;

export interface CommittedReaderOptions {
  readonly node: RaftNode;
  /** Resolves after a turn in which more may have become applicable, or when the log is closed. */
  readonly changed: () => Promise<void>;
  readonly isClosed: () => boolean;
  /** Why the log has failed, if it has. */
  readonly failure: () => unknown;
  readonly nameOf: (member: number) => string;
}

/** What is committed, and on this member's disk, after a position; without end. */
export async function* readCommitted(
  after: Position,
  { node, changed, isClosed, failure, nameOf }: CommittedReaderOptions,
): AsyncGenerator<LogEvent, void, undefined> {
  const { core, files } = node;
  let position = after;
  let index = indexAt(node, after);
  while (!isClosed()) {
    const { snapshot } = core.log;
    if (index < snapshot.index && core.applicable >= snapshot.index) {
      if (position < snapshot.commands) {
        if (!(await files.has(snapshot.index))) throw missing(position, snapshot.commands);
        yield { kind: 'snapshot', position: snapshot.commands, chunks: files.read(snapshot.index) };
        position = snapshot.commands;
      }
      index = snapshot.index;
    }
    core.appliedTo(index);
    const entries = core.log.slice(index + 1, {
      last: core.applicable,
      maxEntries: EVENT_ENTRIES_MAX,
      maxBytes: EVENT_BYTES_MAX,
    });
    if (entries.length === 0) {
      const error = failure();
      if (error !== undefined) throw error;
      await changed();
      continue;
    }
    for (const event of eventsOf(entries, position, nameOf)) {
      yield event;
      if (isClosed()) return;
    }
    // Not asked of the log: a snapshot may have replaced it while the consumer was busy.
    index += entries.length;
    position += entries.filter(({ kind }) => kind === 'command').length;
    node.wake();
  }
}

/** The index that a reader at this position has reached. */
function indexAt({ core: { log } }: RaftNode, position: Position): Index {
  if (position <= log.snapshot.commands) return position === log.snapshot.commands ? log.snapshot.index : 0;
  const index = log.indexOfCommand(position);
  if (index === undefined) {
    const end = log.commandsUpTo(log.lastIndex);
    throw new CodedError('Corrupt', `The log ends at ${end}, before position ${position}`);
  }
  return index;
}

function* eventsOf(
  entries: readonly Entry[],
  after: Position,
  nameOf: (member: number) => string,
): Generator<LogEvent, void, undefined> {
  let first = after + 1;
  let commands: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.kind === 'command') {
      commands.push(entry.data);
      continue;
    }
    if (commands.length > 0) yield { kind: 'commands', first, commands };
    first += commands.length;
    commands = [];
    if (entry.kind === 'configuration') {
      const { voters, learners } = entry.configuration;
      const members = [...voters, ...learners].map(nameOf);
      yield {
        kind: 'configuration',
        after: first - 1,
        members,
        description: `voters: ${voters.map(nameOf).join(', ')}`,
      };
    }
  }
  if (commands.length > 0) yield { kind: 'commands', first, commands };
}

function missing(position: Position, first: Position): CodedError {
  return new CodedError(
    'Corrupt',
    `The log begins after ${first}; what follows position ${position} is needed`,
  );
}
