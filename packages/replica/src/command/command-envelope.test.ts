import { isCodedError, seededRandom, uuidV7 } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeCommand,
  encodeCommand,
  ENVELOPE_BYTES_MAX,
  type CommandEnvelope,
} from './command-envelope.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const key = fc
  .record({ atMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }), seed: fc.integer() })
  .map(({ atMs, seed }) => uuidV7(atMs, seededRandom(seed)));
const name = fc
  .string({ unit: 'grapheme', maxLength: 16 })
  .filter((text) => text.length <= 64 && !text.includes('\0'));
const payload = fc.uint8Array({ maxLength: 300 });
const id = fc.record({ submitter: bytes(8), number: fc.integer({ min: 0, max: 2 ** 48 - 1 }) });
const body = fc.oneof(
  fc.record({ kind: fc.constant('machine' as const), once: fc.constant(undefined), payload }),
  fc.record({
    kind: fc.constant('machine' as const),
    once: fc.record({ key, fingerprint: bytes(16), owner: name }),
    payload,
  }),
  fc.record({
    kind: fc.constant('clock' as const),
    member: name,
    unixMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    wanted: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('feature-level' as const), level: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
);
const envelope: fc.Arbitrary<CommandEnvelope> = fc.record({ id, body });

/** Views of buffers compare as plain arrays. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? [...each] : each)));
const normal = (command: CommandEnvelope): unknown =>
  plain({
    ...command,
    id: { ...command.id, submitter: Uint8Array.from(command.id.submitter) },
    body: bodyOf(command),
  });
const bodyOf = ({ body: each }: CommandEnvelope): unknown =>
  each.kind !== 'machine'
    ? each
    : {
        ...each,
        payload: Uint8Array.from(each.payload),
        once: each.once && {
          owner: each.once.owner,
          key: Uint8Array.from(each.once.key),
          fingerprint: Uint8Array.from(each.once.fingerprint),
        },
      };

describe('the envelope of a command', () => {
  it('gives back what was put into it, and adds no more than it says', () => {
    fc.assert(
      fc.property(envelope, (command) => {
        const encoded = encodeCommand(command);
        expect(normal(decodeCommand(encoded))).toEqual(normal(command));
        if (command.body.kind === 'machine') {
          expect(encoded.length - command.body.payload.length).toBeLessThanOrEqual(ENVELOPE_BYTES_MAX);
        }
      }),
    );
  });

  it('is Corrupt, and nothing worse, for any other bytes', () => {
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.tuple(envelope, fc.nat(), fc.nat(255), fc.nat(100)).map(([command, at, value, cut]) => {
        const encoded = Uint8Array.from(encodeCommand(command));
        encoded[at % encoded.length] = value;
        return encoded.subarray(0, Math.max(0, encoded.length - (cut % 20)));
      }),
    );
    fc.assert(
      fc.property(damaged, (input) => {
        try {
          decodeCommand(input);
        } catch (error) {
          expect(isCodedError(error, 'Corrupt')).toBe(true);
        }
      }),
    );
  });

  it('refuses a key that is no UUIDv7, a fingerprint of another length, and an owner that cannot be stored', () => {
    const good = { key: uuidV7(1, seededRandom(1)), fingerprint: new Uint8Array(16), owner: 'ann' };
    const bad: [object, string][] = [
      [{ key: new Uint8Array(16) }, 'idempotency-key'],
      [{ key: good.key.subarray(1) }, 'idempotency-key'],
      [{ fingerprint: new Uint8Array(15) }, 'fingerprint'],
      [{ owner: 'x'.repeat(65) }, 'owner'],
      [{ owner: 'a\0' }, 'owner'],
      [{ owner: '\ud800' }, 'owner'],
    ];
    for (const [change, field] of bad) {
      const once = { ...good, ...change };
      const command = { kind: 'machine', once, payload: new Uint8Array(1) } as const;
      expect(() => encodeCommand({ id: { submitter: new Uint8Array(8), number: 1 }, body: command })).toThrow(
        expect.objectContaining({ code: 'InvalidArgument', details: { field } }),
      );
    }
  });
});
