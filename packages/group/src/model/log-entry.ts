import type { ByteReader, ByteWriter } from '@everopen/core';
import { CodedError } from '@everopen/core';
import type { MemberId } from './processor.ts';
import type { RingId } from './ring.ts';

/** The most commands in one entry: what a count of 16 bits can say. */
const COMMANDS_MAX = 65_535;

/**
 * What one message adds to the replicated log. Ring and place name it: two logs that both have it are equal up to there,
 * because all who accept a ring start it from one log and append what it orders.
 */
export interface LogEntry {
  readonly ring: RingId;
  readonly seq: number;
  readonly origin: MemberId;
  readonly incarnation: number;
  /** Of the message, as its origin counts. */
  readonly number: number;
  readonly commands: readonly Uint8Array[];
}

/** Bytes of an entry as it is stored and sent: what limits on memory and datagrams count. */
export function entryBytes({ commands }: LogEntry): number {
  return commands.reduce((sum, command) => sum + command.length + 4, 36);
}

/** `ring | seq u48 | origin u16 | incarnation u48 | number u48 | list of { length u32 | bytes }` */
export function writeLogEntry(writer: ByteWriter, entry: LogEntry): void {
  writeRingId(writer, entry.ring);
  writer.u48(entry.seq).u16(entry.origin).u48(entry.incarnation).u48(entry.number);
  writer.u16(entry.commands.length);
  for (const command of entry.commands) writer.bytes(command);
}

export function readLogEntry(reader: ByteReader): LogEntry {
  return {
    ring: readRingId(reader),
    seq: reader.u48(),
    origin: reader.u16(),
    incarnation: reader.u48(),
    number: reader.u48(),
    commands: readList(reader, COMMANDS_MAX, () => reader.bytes()),
  };
}

/** `seq u48 | representative u16 | incarnation u48` */
export function writeRingId(writer: ByteWriter, ring: RingId): void {
  writer.u48(ring.seq).u16(ring.representative).u48(ring.incarnation);
}

export function readRingId(reader: ByteReader): RingId {
  return { seq: reader.u48(), representative: reader.u16(), incarnation: reader.u48() };
}

/** A 16-bit count, then as many of them; more than `max` is `Corrupt`. */
export function readList<T>(reader: ByteReader, max: number, read: () => T): T[] {
  const count = reader.u16();
  if (count > max) throw new CodedError('Corrupt', `A list of ${count}; ${max} is the most`);
  // No allocation before the bytes are there: a count alone costs nothing.
  const list: T[] = [];
  for (let i = 0; i < count; i++) list.push(read());
  return list;
}
