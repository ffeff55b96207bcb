import { ByteWriter, CodedError, isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginFrames, readAnswers, readCalls, writeAnswer, writeCall } from './frames.ts';

const call = fc.record({
  id: fc.nat(),
  timeoutMs: fc.nat(),
  method: fc.string(),
  key: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined }),
  readAt: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  request: fc.uint8Array(),
});
const answer = fc.oneof(
  fc.record({
    id: fc.nat(),
    position: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    response: fc.uint8Array(),
  }),
  fc.record({
    id: fc.nat(),
    error: fc
      .tuple(fc.string(), fc.string(), fc.dictionary(fc.string(), fc.nat()))
      .map(([code, message, details]) => new CodedError(code, message, { details: { ...details } })),
  }),
);

describe('frames of the pipe', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(call), fc.array(answer), (calls, answers) => {
        const writer = beginFrames(new ByteWriter());
        for (const one of calls) writeCall(writer, one);
        expect(plain(readCalls(writer.finish()))).toEqual(plain(calls));
        beginFrames(writer);
        for (const one of answers) writeAnswer(writer, one);
        expect(plain(readAnswers(writer.finish()))).toEqual(plain(answers));
      }),
    );
  });

  it('X: any bytes are frames or Corrupt, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const read of [readCalls, readAnswers]) {
          try {
            read(bytes);
            read(Uint8Array.of(1, ...bytes));
          } catch (error) {
            expect(isCodedError(error, 'Corrupt')).toBe(true);
          }
        }
      }),
    );
  });

  it('of another version are not believed', () => {
    expect(() => readCalls(Uint8Array.of(2))).toThrow('version 2');
  });
});

/** Comparable whatever kind of byte array it is. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => {
      if (one instanceof CodedError) return { code: one.code, message: one.message, details: one.details };
      if (typeof one === 'object' && one !== null && 'type' in one && one.type === 'Buffer')
        return (one as { data?: unknown }).data;
      return one instanceof Uint8Array ? [...one] : one;
    }),
  );
}
