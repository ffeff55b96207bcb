import { ByteReader, ByteWriter, CodedError } from '@everopen/core';
import type { WalRecord } from '@everopen/wal';
import type { Entry, HardState, SnapshotMeta } from '../core/types.ts';
import { readEntry, readSnapshotMeta, writeEntry, writeSnapshotMeta } from '../wire/entry-codec.ts';

/**
 * Records of the write-ahead log, by its type byte (numbers as in entry-codec.ts):
 *
 *     1 hard state   term · votedFor
 *     2 entry        an entry: it replaces what stood at its index, and everything after it
 *     3 base         u8 what · snapshot meta · term · votedFor: the log begins behind it
 *         0 compaction  what follows the base stays
 *         1 snapshot    nothing stays
 */
export type LogRecord =
  | { readonly kind: 'hardState'; readonly hardState: HardState }
  | { readonly kind: 'entry'; readonly entry: Entry }
  | {
      readonly kind: 'base';
      readonly replacesLog: boolean;
      readonly meta: SnapshotMeta;
      readonly hardState: HardState;
    };

const TYPE = { hardState: 1, entry: 2, base: 3 } as const;

export function encodeRecord(record: LogRecord): { readonly type: number; readonly payload: Uint8Array } {
  const writer = new ByteWriter(
    record.kind === 'entry' && record.entry.kind === 'command' ? record.entry.data.length + 32 : 64,
  );
  switch (record.kind) {
    case 'hardState':
      writeHardState(writer, record.hardState);
      break;
    case 'entry':
      writeEntry(writer, record.entry);
      break;
    case 'base':
      writer.boolean(record.replacesLog);
      writeSnapshotMeta(writer, record.meta);
      writeHardState(writer, record.hardState);
      break;
  }
  return { type: TYPE[record.kind], payload: writer.view() };
}

export function decodeRecord({ type, payload, sequence }: WalRecord): LogRecord {
  const reader = new ByteReader(payload);
  const record = readRecord(reader, type, sequence);
  reader.end();
  return record;
}

function readRecord(reader: ByteReader, type: number, sequence: number): LogRecord {
  switch (type) {
    case TYPE.hardState:
      return { kind: 'hardState', hardState: readHardState(reader) };
    case TYPE.entry:
      return { kind: 'entry', entry: readEntry(reader) };
    case TYPE.base:
      return {
        kind: 'base',
        replacesLog: reader.boolean(),
        meta: readSnapshotMeta(reader),
        hardState: readHardState(reader),
      };
    default:
      throw new CodedError('Corrupt', `Record ${sequence} of the log has the unknown type ${type}`);
  }
}

function writeHardState(writer: ByteWriter, { term, votedFor }: HardState): void {
  writer.u48(term).u48(votedFor);
}

function readHardState(reader: ByteReader): HardState {
  return { term: reader.u48(), votedFor: reader.u48() };
}
