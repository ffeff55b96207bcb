import { ByteReader, ByteWriter, CodedError, crc32 } from '@everopen/core';
import type { Item, Message, RequestId, Streams } from '../model/item.ts';
import { readList, readLogEntry, readRingId, writeLogEntry, writeRingId } from '../model/log-entry.ts';
import { MEMBERS_MAX, type Processor } from '../model/processor.ts';
import type { Range, Ranges } from '../model/ranges.ts';
import type { Body, BodyOf, CommitEntry } from './bodies.ts';

/*
 * A datagram; all numbers are big-endian. Numbers in a ring start at 1 and have 48 bits: at a million a second they last
 * nine years, and every ring starts anew, so nothing ever wraps around.
 *
 *   0        2         3      4         8       12       14            20
 *   ┌────────┬─────────┬──────┬─────────┬───────┬────────┬─────────────┬──────┐
 *   │ magic  │ version │ type │ cluster │ crc32 │ sender │ incarnation │ body │
 *   │ u16    │ u8      │ u8   │ u32     │ u32   │ u16    │ u48         │ …    │
 *   └────────┴─────────┴──────┴─────────┴───────┴────────┴─────────────┴──────┘
 *   crc32 covers the whole datagram with its own four bytes taken as 0.
 *
 *   list       count u16, elements                    processor  id u16 | incarnation u48
 *   ring       seq u48 | representative u16 | incarnation u48
 *   ranges     list of { from u48 | to u48 }          streams    list of ranges
 *   message    origin u16 | number u48 | list of { length u32 | bytes }
 *   requestId  origin u16 | lseq u48
 *
 *    1 join       list of processor | list of processor (failed) | maxRing u48 | promised u48 | leaving u8
 *    2 commit     ring | rotation u8 | list of processor | list of { ring | streams | list of member u16 }
 *    3 recovery   ring | done u16 | streams
 *    4 recovered  ring | old ring | stream u8 | seq u48 | kind u8 | message, or list of requestId
 *    5 beacon     ring
 *    6 data       ring | seq u48 | message
 *    7 token      ring | tokenSeq u48 | seq u48 | aru u48 | aruId u16 | fcc u16 | idle u16 | list of { seq u48 | who u16 }
 *    8 wanted     ring
 *    9 rotation   ring | maxK u48 | round u48 | ask u8 | list of { known u48 | ack u48 | echo u48 }
 *                 | list of { lseq u48 | message } | list of { k u48 | list of requestId }
 *                 | list of { origin u16 | ranges } | ranges
 *   10 fetch      ring | after u48
 *   11 entries    ring | after u48 | list of log entry
 */

const MAGIC = 0x4547;
const VERSION = 1;
const CRC_OFFSET = 8;
export const HEADER_BYTES = 20;

/** Of one stream, in one datagram. */
export const RANGES_MAX = 2_000;
/** One for the Sequences, one for each member. */
const STREAMS_MAX = MEMBERS_MAX + 1;
const LIST_MAX = 65_535;

const TYPES = {
  join: 1,
  commit: 2,
  recovery: 3,
  recovered: 4,
  beacon: 5,
  data: 6,
  token: 7,
  wanted: 8,
  rotation: 9,
  fetch: 10,
  entries: 11,
} as const satisfies Record<Body['type'], number>;

const NAMES = new Map<number, Body['type']>(
  Object.entries(TYPES).map(([name, type]) => [type, name as Body['type']]),
);

export interface Datagram {
  readonly sender: Processor;
  readonly body: Body;
}

/** @param cluster a number that keeps groups apart which share a network by mistake */
export function encodeDatagram(cluster: number, sender: Processor, body: Body): Uint8Array {
  const writer = new ByteWriter(512);
  writer.u16(MAGIC).u8(VERSION).u8(TYPES[body.type]).u32(cluster).u32(0);
  writer.u16(sender.id).u48(sender.incarnation);
  writeBody(writer, body);
  writer.patchU32(CRC_OFFSET, crc32(writer.view()));
  return writer.finish();
}

/**
 * Reads a datagram, of which nothing is believed. Throws `WrongCluster` for one of another group, and `Corrupt` for
 * anything else that `encodeDatagram` would not have made; never anything more. Payloads are views into `bytes`.
 */
export function decodeDatagram(cluster: number, bytes: Uint8Array): Datagram {
  const reader = new ByteReader(bytes);
  if (reader.u16() !== MAGIC) throw corrupt('Not a datagram of a group');
  const version = reader.u8();
  if (version !== VERSION) throw corrupt(`A datagram of version ${version}`);
  const type = NAMES.get(reader.u8());
  const theirs = reader.u32();
  const crc = reader.u32();
  const zero = new Uint8Array(4);
  const head = crc32(zero, crc32(bytes.subarray(0, CRC_OFFSET)));
  if (crc !== crc32(bytes.subarray(CRC_OFFSET + 4), head)) throw corrupt('A datagram with a wrong checksum');
  if (theirs !== cluster) throw new CodedError('WrongCluster', 'A datagram of another group');
  if (type === undefined) throw corrupt('A datagram of an unknown type');
  const sender = readProcessor(reader);
  const body = readBody(reader, type);
  reader.end();
  return { sender, body };
}

function writeBody(writer: ByteWriter, body: Body): void {
  switch (body.type) {
    case 'join':
      writeList(writer, body.processors, writeProcessor);
      writeList(writer, body.failed, writeProcessor);
      writer.u48(body.maxRing).u48(body.promised).boolean(body.leaving);
      return;
    case 'commit':
      writeRingId(writer, body.ring);
      writer.u8(body.rotation);
      writeList(writer, body.members, writeProcessor);
      writeList(writer, body.entries, (w, entry) => {
        writeRingId(w, entry.oldRing);
        writeStreams(w, entry.held);
        writeList(w, entry.obligation, (v, id) => v.u16(id));
      });
      return;
    case 'recovery':
      writeRingId(writer, body.ring);
      writer.u16(body.done);
      writeStreams(writer, body.wanted);
      return;
    case 'recovered':
      writeRingId(writer, body.ring);
      writeRingId(writer, body.oldRing);
      writeItem(writer, body.item);
      return;
    case 'beacon':
    case 'wanted':
      writeRingId(writer, body.ring);
      return;
    case 'data':
      writeRingId(writer, body.ring);
      writer.u48(body.seq);
      writeMessage(writer, body.message);
      return;
    case 'token':
      writeRingId(writer, body.ring);
      writer.u48(body.tokenSeq).u48(body.seq).u48(body.aru);
      writer.u16(body.aruId).u16(body.fcc).u16(body.idle);
      writeList(writer, body.requests, (w, { seq, who }) => w.u48(seq).u16(who));
      return;
    case 'rotation':
      writeRotation(writer, body);
      return;
    case 'fetch':
      writeRingId(writer, body.ring);
      writer.u48(body.after);
      return;
    case 'entries':
      writeRingId(writer, body.ring);
      writer.u48(body.after);
      writeList(writer, body.entries, writeLogEntry);
      return;
  }
}

function readBody(reader: ByteReader, type: Body['type']): Body {
  if (type === 'join') {
    return {
      type,
      processors: readProcessors(reader),
      failed: readProcessors(reader),
      maxRing: reader.u48(),
      promised: reader.u48(),
      leaving: reader.boolean(),
    };
  }
  const ring = readRingId(reader);
  switch (type) {
    case 'commit':
      return {
        type,
        ring,
        rotation: readRotationNumber(reader),
        members: readProcessors(reader),
        entries: readList(reader, MEMBERS_MAX, () => readCommitEntry(reader)),
      };
    case 'recovery':
      return { type, ring, done: reader.u16(), wanted: readStreams(reader) };
    case 'recovered':
      return { type, ring, oldRing: readRingId(reader), item: readItem(reader) };
    case 'beacon':
    case 'wanted':
      return { type, ring };
    case 'data':
      return { type, ring, seq: readOrdinal(reader), message: readMessage(reader) };
    case 'token':
      return {
        type,
        ring,
        tokenSeq: reader.u48(),
        seq: reader.u48(),
        aru: reader.u48(),
        aruId: reader.u16(),
        fcc: reader.u16(),
        idle: reader.u16(),
        requests: readList(reader, LIST_MAX, () => ({ seq: readOrdinal(reader), who: reader.u16() })),
      };
    case 'rotation':
      return { type, ring, ...readRotation(reader) };
    case 'fetch':
      return { type, ring, after: reader.u48() };
    case 'entries':
      return {
        type,
        ring,
        after: reader.u48(),
        entries: readList(reader, LIST_MAX, () => readLogEntry(reader)),
      };
  }
}

function writeRotation(writer: ByteWriter, body: BodyOf<'rotation'>): void {
  writeRingId(writer, body.ring);
  writer.u48(body.maxK).u48(body.round).boolean(body.ask);
  writeList(writer, body.known, (w, known, i) =>
    w
      .u48(known)
      .u48(body.acks[i] as number)
      .u48(body.echoes[i] as number),
  );
  writeList(writer, body.requests, (w, { lseq, message }) => writeMessage(w.u48(lseq), message));
  writeList(writer, body.sequences, (w, { k, requests }) => writeList(w.u48(k), requests, writeRequestId));
  writeList(writer, body.lackRequests, (w, { origin, lseqs }) => writeRanges(w.u16(origin), lseqs));
  writeRanges(writer, body.lackSequences);
}

function readRotation(reader: ByteReader): Omit<BodyOf<'rotation'>, 'type' | 'ring'> {
  const maxK = reader.u48();
  const round = reader.u48();
  const ask = reader.boolean();
  const known: number[] = [];
  const acks: number[] = [];
  const echoes: number[] = [];
  readList(reader, MEMBERS_MAX, () => {
    known.push(reader.u48());
    acks.push(reader.u48());
    echoes.push(reader.u48());
  });
  return {
    maxK,
    round,
    ask,
    known,
    acks,
    echoes,
    requests: readList(reader, LIST_MAX, () => ({
      lseq: readOrdinal(reader),
      message: readMessage(reader),
    })),
    sequences: readList(reader, LIST_MAX, () => ({
      k: readOrdinal(reader),
      requests: readList(reader, LIST_MAX, () => readRequestId(reader)),
    })),
    lackRequests: readList(reader, MEMBERS_MAX, () => ({
      origin: reader.u16(),
      lseqs: readRanges(reader),
    })),
    lackSequences: readRanges(reader),
  };
}

function writeItem(writer: ByteWriter, { stream, seq, content }: Item): void {
  writer.u8(stream).u48(seq);
  if (content.kind === 'message') writeMessage(writer.u8(0), content.message);
  else writeList(writer.u8(1), content.requests, writeRequestId);
}

function readItem(reader: ByteReader): Item {
  const stream = reader.u8();
  const seq = readOrdinal(reader);
  const content: Item['content'] = reader.boolean()
    ? { kind: 'sequence', requests: readList(reader, LIST_MAX, () => readRequestId(reader)) }
    : { kind: 'message', message: readMessage(reader) };
  return { stream, seq, content };
}

function readCommitEntry(reader: ByteReader): CommitEntry {
  return {
    oldRing: readRingId(reader),
    held: readStreams(reader),
    obligation: readList(reader, MEMBERS_MAX, () => reader.u16()),
  };
}

function readRotationNumber(reader: ByteReader): 1 | 2 {
  const rotation = reader.u8();
  if (rotation !== 1 && rotation !== 2) throw corrupt(`Rotation ${rotation} of a commit token`);
  return rotation;
}

function writeMessage(writer: ByteWriter, { origin, number, payloads }: Message): void {
  writeList(writer.u16(origin).u48(number), payloads, (w, payload) => w.bytes(payload));
}

function readMessage(reader: ByteReader): Message {
  return {
    origin: reader.u16(),
    number: reader.u48(),
    payloads: readList(reader, LIST_MAX, () => reader.bytes()),
  };
}

function writeRequestId(writer: ByteWriter, { origin, lseq }: RequestId): void {
  writer.u16(origin).u48(lseq);
}

function readRequestId(reader: ByteReader): RequestId {
  return { origin: reader.u16(), lseq: readOrdinal(reader) };
}

function writeProcessor(writer: ByteWriter, { id, incarnation }: Processor): void {
  writer.u16(id).u48(incarnation);
}

function readProcessor(reader: ByteReader): Processor {
  return { id: reader.u16(), incarnation: reader.u48() };
}

/** Sets of processors are lists in ascending order, each member once. */
function readProcessors(reader: ByteReader): Processor[] {
  const processors = readList(reader, MEMBERS_MAX, () => readProcessor(reader));
  for (let i = 1; i < processors.length; i++) {
    if ((processors[i - 1] as Processor).id >= (processors[i] as Processor).id) {
      throw corrupt('A list of processors out of order');
    }
  }
  return processors;
}

function writeStreams(writer: ByteWriter, streams: Streams): void {
  writeList(writer, streams, writeRanges);
}

function readStreams(reader: ByteReader): Streams {
  return readList(reader, STREAMS_MAX, () => readRanges(reader));
}

function writeRanges(writer: ByteWriter, ranges: Ranges): void {
  writeList(writer, ranges, (w, { from, to }) => w.u48(from).u48(to));
}

function readRanges(reader: ByteReader): Ranges {
  let last = 0;
  return readList(reader, RANGES_MAX, (): Range => {
    const range = { from: readOrdinal(reader), to: reader.u48() };
    const touches = last > 0 && range.from <= last + 1;
    if (touches || range.to < range.from) throw corrupt('Ranges that are not in order');
    last = range.to;
    return range;
  });
}

/** A number of a message, Request or Sequence: 1 or more. */
function readOrdinal(reader: ByteReader): number {
  const value = reader.u48();
  if (value === 0) throw corrupt('A number that must be 1 or more is 0');
  return value;
}

function writeList<T>(
  writer: ByteWriter,
  list: readonly T[],
  write: (writer: ByteWriter, element: T, index: number) => unknown,
): void {
  writer.u16(list.length);
  list.forEach((element, index) => write(writer, element, index));
}

function corrupt(message: string): CodedError {
  return new CodedError('Corrupt', message);
}
