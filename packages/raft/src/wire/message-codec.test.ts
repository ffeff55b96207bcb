import { ByteWriter } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry, Message } from '../index.ts';
import { FrameReader, writeFrame, FRAME_BYTES_MAX } from './frames.ts';
import { readMessage, writeMessage } from './message-codec.ts';

const number = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const configuration = fc.record({
  voters: fc.array(number, { maxLength: 9 }),
  learners: fc.array(number, { maxLength: 9 }),
});
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    index: number,
    term: number,
    kind: fc.constant('command' as const),
    data: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ index: number, term: number, kind: fc.constant('noop' as const) }),
  fc.record({ index: number, term: number, kind: fc.constant('configuration' as const), configuration }),
);
const envelope = { from: number, to: number, term: number };
const yes = fc.boolean();
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ ...envelope, type: fc.constant('preVote' as const), lastIndex: number, lastTerm: number }),
  fc.record({ ...envelope, type: fc.constant('preVoteAnswer' as const), granted: yes }),
  fc.record({
    ...envelope,
    type: fc.constant('vote' as const),
    lastIndex: number,
    lastTerm: number,
    transfer: yes,
  }),
  fc.record({ ...envelope, type: fc.constant('voteAnswer' as const), granted: yes }),
  fc.record({
    ...envelope,
    type: fc.constant('append' as const),
    prevIndex: number,
    prevTerm: number,
    entries: fc.array(entry, { maxLength: 5 }),
    commit: number,
  }),
  fc.record({ ...envelope, type: fc.constant('appendAccepted' as const), matched: number, durable: number }),
  fc.record({
    ...envelope,
    type: fc.constant('appendRefused' as const),
    prevIndex: number,
    hintIndex: number,
    hintTerm: number,
  }),
  fc.record({
    ...envelope,
    type: fc.constant('heartbeat' as const),
    commit: number,
    round: number,
    sentTo: number,
  }),
  fc.record({
    ...envelope,
    type: fc.constant('heartbeatAnswer' as const),
    round: number,
    sentTo: number,
    matched: number,
    durable: number,
  }),
  fc.record({
    ...envelope,
    type: fc.constant('snapshot' as const),
    meta: fc.record({ index: number, term: number, commands: number, configuration }),
  }),
  fc.record({ ...envelope, type: fc.constant('timeoutNow' as const) }),
  fc.record({ ...envelope, type: fc.constant('staleTerm' as const) }),
);

describe('a message on the wire', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const writer = new ByteWriter();
        writeMessage(writer, sent);
        expect(readMessage(writer.finish())).toEqual(sent);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused with a code if it is cut short, too long, or random', () => {
    fc.assert(
      fc.property(message, fc.nat(), (sent, cut) => {
        const writer = new ByteWriter();
        writeMessage(writer, sent);
        const bytes = writer.finish();
        const short = bytes.subarray(0, cut % bytes.length);
        expect(() => readMessage(short)).toThrowError(expect.objectContaining({ code: 'Corrupt' }));
        const long = Buffer.concat([bytes, Buffer.alloc(1)]);
        expect(() => readMessage(long)).toThrowError(expect.objectContaining({ code: 'Corrupt' }));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        try {
          readMessage(junk);
        } catch (error) {
          expect(error).toMatchObject({ code: 'Corrupt' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('frames', () => {
  const framed = (bodies: readonly Uint8Array[]): Buffer => {
    const writer = new ByteWriter();
    for (const [kind, body] of bodies.entries()) writeFrame(writer, kind, (inside) => inside.raw(body));
    return Buffer.from(writer.finish());
  };

  it('come out of a stream as they went in, however it is cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, cuts) => {
        const stream = framed(sent);
        const reader = new FrameReader();
        const received = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length] as number;
          received.push(...reader.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(received.map(({ kind }) => kind)).toEqual(sent.map((_, kind) => kind));
        expect(received.map(({ body }) => Buffer.from(body))).toEqual(sent.map((body) => Buffer.from(body)));
      }),
    );
  });

  it('are refused when a single bit is wrong, and when they claim to be too long', () => {
    const stream = framed([Buffer.from('hello')]);
    for (let bit = 32; bit < stream.length * 8; bit++) {
      const broken = Buffer.from(stream);
      broken.writeUInt8(broken.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => new FrameReader().push(broken)).toThrowError(expect.objectContaining({ code: 'Corrupt' }));
    }
    for (const length of [0, FRAME_BYTES_MAX + 1, 2 ** 32 - 1]) {
      const header = Buffer.alloc(8);
      header.writeUInt32BE(length);
      expect(() => new FrameReader().push(header)).toThrowError(expect.objectContaining({ code: 'Corrupt' }));
    }
  });
});
