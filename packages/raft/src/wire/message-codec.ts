import { ByteReader, CodedError, type ByteWriter } from '@everopen/core';
import type { Message } from '../core/messages.ts';
import { readEntry, readSnapshotMeta, writeEntry, writeSnapshotMeta } from './entry-codec.ts';

/**
 * A message of the core (layout of numbers as in entry-codec.ts):
 *
 *     u8 type · from · to · term · the type's fields in the order of messages.ts; yes/no is one byte
 */
const TYPES = [
  'preVote',
  'preVoteAnswer',
  'vote',
  'voteAnswer',
  'append',
  'appendAccepted',
  'appendRefused',
  'heartbeat',
  'heartbeatAnswer',
  'snapshot',
  'timeoutNow',
  'staleTerm',
] as const satisfies readonly Message['type'][];

export function writeMessage(writer: ByteWriter, message: Message): void {
  writer.u8(TYPES.indexOf(message.type)).u48(message.from).u48(message.to).u48(message.term);
  switch (message.type) {
    case 'preVote':
      writer.u48(message.lastIndex).u48(message.lastTerm);
      return;
    case 'vote':
      writer.u48(message.lastIndex).u48(message.lastTerm).boolean(message.transfer);
      return;
    case 'preVoteAnswer':
    case 'voteAnswer':
      writer.boolean(message.granted);
      return;
    case 'append':
      writer.u48(message.prevIndex).u48(message.prevTerm).u48(message.commit).u32(message.entries.length);
      for (const entry of message.entries) writeEntry(writer, entry);
      return;
    case 'appendAccepted':
      writer.u48(message.matched).u48(message.durable);
      return;
    case 'appendRefused':
      writer.u48(message.prevIndex).u48(message.hintIndex).u48(message.hintTerm);
      return;
    case 'heartbeat':
      writer.u48(message.commit).u48(message.round).u48(message.sentTo);
      return;
    case 'heartbeatAnswer':
      writer.u48(message.round).u48(message.sentTo).u48(message.matched).u48(message.durable);
      return;
    case 'snapshot':
      writeSnapshotMeta(writer, message.meta);
      return;
    case 'timeoutNow':
    case 'staleTerm':
      return;
  }
}

/** Throws `Corrupt` for anything that `writeMessage` did not write. */
export function readMessage(bytes: Uint8Array): Message {
  const reader = new ByteReader(bytes);
  const type = TYPES[reader.u8()];
  const envelope = { from: reader.u48(), to: reader.u48(), term: reader.u48() };
  const message: Message = { ...envelope, ...readContent(reader, type) };
  reader.end();
  return message;
}

/** What a message holds beside its envelope. */
type Content = Message extends infer M
  ? M extends Message
    ? Omit<M, 'from' | 'to' | 'term'>
    : never
  : never;

function readContent(reader: ByteReader, type: Message['type'] | undefined): Content {
  switch (type) {
    case 'preVote':
      return { type, lastIndex: reader.u48(), lastTerm: reader.u48() };
    case 'vote':
      return { type, lastIndex: reader.u48(), lastTerm: reader.u48(), transfer: reader.boolean() };
    case 'preVoteAnswer':
    case 'voteAnswer':
      return { type, granted: reader.boolean() };
    case 'append': {
      const [prevIndex, prevTerm, commit] = [reader.u48(), reader.u48(), reader.u48()];
      const entries = [];
      for (let left = reader.u32(); left > 0; left--) entries.push(readEntry(reader));
      return { type, prevIndex, prevTerm, entries, commit };
    }
    case 'appendAccepted':
      return { type, matched: reader.u48(), durable: reader.u48() };
    case 'appendRefused':
      return { type, prevIndex: reader.u48(), hintIndex: reader.u48(), hintTerm: reader.u48() };
    case 'heartbeat':
      return { type, commit: reader.u48(), round: reader.u48(), sentTo: reader.u48() };
    case 'heartbeatAnswer':
      return {
        type,
        round: reader.u48(),
        sentTo: reader.u48(),
        matched: reader.u48(),
        durable: reader.u48(),
      };
    case 'snapshot':
      return { type, meta: readSnapshotMeta(reader) };
    case 'timeoutNow':
    case 'staleTerm':
      return { type };
    case undefined:
      throw new CodedError('Corrupt', 'A message of an unknown type');
  }
}
