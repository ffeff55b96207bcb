import { crc32, isCodedError, seededRandom } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangesOf } from '../model/ranges.ts';
import type { Body } from './bodies.ts';
import { decodeDatagram, encodeDatagram, HEADER_BYTES } from './codec.ts';

const CLUSTER = 0xc0ffee;
const BEACON: Body = { type: 'beacon', ring: { seq: 1, representative: 1, incarnation: 1 } };
const u16 = fc.integer({ min: 0, max: 0xffff });
const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const ordinal = fc.integer({ min: 1, max: 2 ** 48 - 1 });
const bytes = fc.uint8Array({ maxLength: 40 });
const few = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(element, { maxLength: 4 });
const ring = fc.record({ seq: u48, representative: u16, incarnation: u48 });
const processor = fc.record({ id: u16, incarnation: u48 });
const processors = fc
  .uniqueArray(processor, { selector: ({ id }) => id, maxLength: 16 })
  .map((list) => list.sort((a, b) => a.id - b.id));
const ranges = few(fc.integer({ min: 1, max: 1_000 })).map(rangesOf);
const streams = few(ranges);
const message = fc.record({ origin: u16, number: u48, payloads: few(bytes) });
const requestId = fc.record({ origin: u16, lseq: ordinal });
const entry = fc.record({
  ring,
  seq: u48,
  origin: u16,
  incarnation: u48,
  number: u48,
  commands: few(bytes),
});
const type = <const T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name);

const rotation = fc.integer({ min: 0, max: 16 }).chain((members) => {
  const vector = fc.array(u48, { minLength: members, maxLength: members });
  return fc.record({
    type: type('rotation'),
    ring,
    maxK: u48,
    known: vector,
    acks: vector,
    round: u48,
    echoes: vector,
    ask: fc.boolean(),
    requests: few(fc.record({ lseq: ordinal, message })),
    sequences: few(fc.record({ k: ordinal, requests: few(requestId) })),
    lackRequests: few(fc.record({ origin: u16, lseqs: ranges })),
    lackSequences: ranges,
  });
});

const body: fc.Arbitrary<Body> = fc.oneof(
  fc.record({
    type: type('join'),
    processors,
    failed: processors,
    maxRing: u48,
    promised: u48,
    leaving: fc.boolean(),
  }),
  fc.record({
    type: type('commit'),
    ring,
    rotation: fc.constantFrom(1 as const, 2 as const),
    members: processors,
    entries: few(fc.record({ oldRing: ring, held: streams, obligation: few(u16) })),
  }),
  fc.record({ type: type('recovery'), ring, done: u16, wanted: streams }),
  fc.record({
    type: type('recovered'),
    ring,
    oldRing: ring,
    item: fc.record({
      stream: fc.integer({ min: 0, max: 255 }),
      seq: ordinal,
      content: fc.oneof(
        fc.record({ kind: type('message'), message }),
        fc.record({ kind: type('sequence'), requests: few(requestId) }),
      ),
    }),
  }),
  fc.record({ type: type('beacon'), ring }),
  fc.record({ type: type('wanted'), ring }),
  fc.record({ type: type('data'), ring, seq: ordinal, message }),
  fc.record({
    type: type('token'),
    ring,
    tokenSeq: u48,
    seq: u48,
    aru: u48,
    aruId: u16,
    fcc: u16,
    idle: u16,
    requests: few(fc.record({ seq: ordinal, who: u16 })),
  }),
  rotation,
  fc.record({ type: type('fetch'), ring, after: u48 }),
  fc.record({ type: type('entries'), ring, after: u48, entries: few(entry) }),
);

/** The decoder's own errors pass; anything else fails the test. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    decodeDatagram(CLUSTER, bytes);
    return undefined;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return error.code;
  }
}

describe('the wire codec', () => {
  it('gives back every datagram as it was', () => {
    fc.assert(
      fc.property(processor, body, (sender, sent) => {
        const read = decodeDatagram(CLUSTER, encodeDatagram(CLUSTER, sender, sent));
        expect(plain(read)).toEqual(plain({ sender, body: sent }));
      }),
      { numRuns: 1_000 },
    );
  });

  it('G20: refuses a datagram with any one byte changed, cut off or added', () => {
    fc.assert(
      fc.property(processor, body, fc.nat(), fc.integer({ min: 1, max: 255 }), (sender, sent, at, change) => {
        const good = encodeDatagram(CLUSTER, sender, sent);
        const changed = Uint8Array.from(good);
        const place = at % changed.length;
        changed[place] = (changed[place] as number) ^ change;
        expect(refusal(changed)).toBeDefined();
        expect(refusal(good.subarray(0, at % good.length))).toBeDefined();
        expect(refusal(Uint8Array.of(...good, change))).toBeDefined();
      }),
    );
  });

  it('G20: refuses random bytes with a typed error and nothing else, behind a right header too', () => {
    const random = seededRandom(20);
    const header = encodeDatagram(CLUSTER, { id: 1, incarnation: 1 }, BEACON).subarray(0, HEADER_BYTES);
    for (let run = 0; run < 20_000; run++) {
      const junk = random.fill(new Uint8Array(random.below(200)));
      expect(refusal(junk)).toBeDefined();
      // `refusal` throws whatever is not the decoder's own error.
      refusal(withRightChecksum(header, 1 + random.below(12), junk));
    }
  });

  it('refuses a datagram of another group as such', () => {
    const foreign = encodeDatagram(CLUSTER + 1, { id: 1, incarnation: 1 }, BEACON);
    expect(refusal(foreign)).toBe('WrongCluster');
  });
});

/** A forged datagram that only the parser of its body can refuse. */
function withRightChecksum(header: Uint8Array, bodyType: number, rest: Uint8Array): Uint8Array {
  const bytes = Buffer.concat([header, rest]);
  bytes.writeUInt8(bodyType, 3);
  bytes.writeUInt32BE(0, 8);
  bytes.writeUInt32BE(crc32(bytes), 8);
  return bytes;
}

/** Views into a `Buffer` and plain arrays of bytes compare as lists of numbers. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
