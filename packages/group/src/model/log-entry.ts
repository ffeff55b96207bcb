import type { ByteReader, ByteWriter } from '@everopen/core';
import { CodedError } from '@everopen/core';
import type { MemberId } from './processor.ts';
import type { RingId } from './ring.ts';

/** The most batches in one entry, and commands in one batch: what a count of 16 bits can say. */
const COUNT_MAX = 65_535;

/** The commands that one message carried, with its name. */
export interface Batch {
  readonly origin: MemberId;
  readonly incarnation: number;
  readonly number: number;
  readonly commands: readonly Uint8Array[];
}

/** What one place in a ring's order adds to the replicated log. Ring and seq name it: equal names, equal logs up to there. */
export interface LogEntry {
  readonly ring: RingId;
  readonly seq: number;
  readonly batches: readonly Batch[];
}

export function commandCount(entry: LogEntry): number {
  return entry.batches.reduce((sum, { commands }) => sum + commands.length, 0);
}

export function commandsOf(entry: LogEntry): Uint8Array[] {
  return entry.batches.flatMap(({ commands }) => commands);
}

/** Bytes of the commands: what limits on memory and datagrams count. */
export function entryBytes(entry: LogEntry): number {
  let bytes = 0;
  for (const { commands } of entry.batches) for (const command of commands) bytes += command.length + 8;
  return bytes + 32;
}

/**
 * ```
 * ring 14 | seq u48 | batches u16 | { origin u16 | incarnation u48 | number u48 | commands u16 | { bytes }* }*
 * ```
 */
export function writeLogEntry(writer: ByteWriter, entry: LogEntry): void {
  writeRingId(writer, entry.ring);
  writer.u48(entry.seq).u16(entry.batches.length);
  for (const batch of entry.batches) {
    writer.u16(batch.origin).u48(batch.incarnation).u48(batch.number).u16(batch.commands.length);
    for (const command of batch.commands) writer.bytes(command);
  }
}

export function readLogEntry(reader: ByteReader): LogEntry {
  const ring = readRingId(reader);
  const seq = reader.u48();
  const batches = readList(reader, COUNT_MAX, () => ({
    origin: reader.u16(),
    incarnation: reader.u48(),
    number: reader.u48(),
    commands: readList(reader, COUNT_MAX, () => reader.bytes()),
  }));
  return { ring, seq, batches };
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
