import { CodedError, type ByteReader, type ByteWriter } from '@everopen/core';
import type { Configuration, Entry, SnapshotMeta } from '../core/types.ts';

/**
 * Numbers are big-endian; `member`, `index`, `term` and counts are 48 bits wide.
 *
 *     entry          index · term · u8 kind · content
 *       0 command      u32 length · bytes
 *       1 no-op
 *       2 configuration
 *     configuration  u16 n · n × member (voters) · u16 n · n × member (learners)
 *     snapshot meta  index · term · commands · configuration
 */
const KINDS = ['command', 'noop', 'configuration'] as const;

export function writeEntry(writer: ByteWriter, entry: Entry): void {
  writer.u48(entry.index).u48(entry.term).u8(KINDS.indexOf(entry.kind));
  if (entry.kind === 'command') writer.bytes(entry.data);
  if (entry.kind === 'configuration') writeConfiguration(writer, entry.configuration);
}

export function readEntry(reader: ByteReader): Entry {
  const index = reader.u48();
  const term = reader.u48();
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new CodedError('Corrupt', `Entry ${index} is of an unknown kind`);
  switch (kind) {
    case 'command':
      // A copy: the entry outlives the buffer that it came in.
      return { index, term, kind, data: new Uint8Array(reader.bytes()) };
    case 'noop':
      return { index, term, kind };
    case 'configuration':
      return { index, term, kind, configuration: readConfiguration(reader) };
  }
}

export function writeConfiguration(writer: ByteWriter, { voters, learners }: Configuration): void {
  for (const members of [voters, learners]) {
    writer.u16(members.length);
    for (const member of members) writer.u48(member);
  }
}

export function readConfiguration(reader: ByteReader): Configuration {
  const [voters, learners] = [0, 1].map(() => Array.from({ length: reader.u16() }, () => reader.u48()));
  return { voters: voters as number[], learners: learners as number[] };
}

export function writeSnapshotMeta(writer: ByteWriter, meta: SnapshotMeta): void {
  writer.u48(meta.index).u48(meta.term).u48(meta.commands);
  writeConfiguration(writer, meta.configuration);
}

export function readSnapshotMeta(reader: ByteReader): SnapshotMeta {
  return {
    index: reader.u48(),
    term: reader.u48(),
    commands: reader.u48(),
    configuration: readConfiguration(reader),
  };
}
