import { ByteReader, ByteWriter, CodedError } from '@everopen/core';
import { readList, readRingId, writeRingId } from '../model/log-entry.ts';
import type { RingId } from '../model/ring.ts';
import type { Position, Run } from './replicated-log.ts';

/*
 * A payload of the replication:
 *
 *   command   0 u8 | the command
 *   state     1 u8 | ring | has accepted u8 | accepted ring | base u48 | length u48 | list of { ring | end u48 }
 *   ready     2 u8 | ring
 */
const COMMAND = 0;
const STATE = 1;
const READY = 2;
const RUNS_MAX = 64;

/** What members tell each other in the ring's own order. Each names the ring it is meant for: it may be sent in a later one. */
export type Control = State | Ready;

export interface State {
  readonly kind: 'state';
  readonly for: RingId;
  /** The last ring whose starting log this member adopted; none if its disk is new. */
  readonly accepted: RingId | undefined;
  /** Entries up to here are in a snapshot only. */
  readonly base: Position;
  readonly length: Position;
  readonly runs: readonly Run[];
}

export interface Ready {
  readonly kind: 'ready';
  readonly for: RingId;
}

export function encodeCommand(command: Uint8Array): Uint8Array {
  const payload = new Uint8Array(command.length + 1);
  payload[0] = COMMAND;
  payload.set(command, 1);
  return payload;
}

export function encodeControl(control: Control): Uint8Array {
  const writer = new ByteWriter(128);
  writer.u8(control.kind === 'state' ? STATE : READY);
  writeRingId(writer, control.for);
  if (control.kind === 'state') {
    writer.boolean(control.accepted !== undefined);
    if (control.accepted !== undefined) writeRingId(writer, control.accepted);
    writer.u48(control.base).u48(control.length).u16(control.runs.length);
    for (const { ring, end } of control.runs) {
      writeRingId(writer, ring);
      writer.u48(end);
    }
  }
  return writer.finish();
}

/** A command's bytes are a view into the payload. Anything that was not made by the functions above is `Corrupt`. */
export function decodePayload(payload: Uint8Array): Control | { kind: 'command'; command: Uint8Array } {
  if (payload[0] === COMMAND) return { kind: 'command', command: payload.subarray(1) };
  const reader = new ByteReader(payload);
  const tag = reader.u8();
  if (tag !== STATE && tag !== READY) throw new CodedError('Corrupt', `A payload of an unknown kind: ${tag}`);
  const ring = readRingId(reader);
  const control: Control = tag === READY ? { kind: 'ready', for: ring } : readState(reader, ring);
  reader.end();
  return control;
}

function readState(reader: ByteReader, ring: RingId): State {
  return {
    kind: 'state',
    for: ring,
    accepted: reader.boolean() ? readRingId(reader) : undefined,
    base: reader.u48(),
    length: reader.u48(),
    runs: readList(reader, RUNS_MAX, () => ({ ring: readRingId(reader), end: reader.u48() })),
  };
}
