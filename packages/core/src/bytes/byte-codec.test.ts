import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCodedError } from '../errors/coded-error.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

const field = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
  fc.record({ kind: fc.constant('u16' as const), value: fc.nat(0xffff) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ kind: fc.constant('u48' as const), value: fc.integer({ min: 0, max: 2 ** 48 - 1 }) }),
  fc.record({ kind: fc.constant('i64' as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant('f64' as const), value: fc.double({ noNaN: true }) }),
  fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'grapheme', maxLength: 200 }) }),
);

describe('ByteWriter and ByteReader', () => {
  it('give back what was written, whatever the order of fields', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 40 }), (fields) => {
        const writer = new ByteWriter(8);
        for (const { kind, value } of fields) (writer[kind] as (v: unknown) => unknown)(value);
        const reader = new ByteReader(writer.finish());
        for (const { kind, value } of fields) {
          const read = reader[kind]();
          expect(read instanceof Uint8Array ? [...read] : read).toEqual(
            value instanceof Uint8Array ? [...value] : value,
          );
        }
        reader.end();
      }),
    );
  });

  it('X: any bytes are read or refused as Corrupt, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(field, { maxLength: 10 }), (bytes, fields) => {
        const reader = new ByteReader(bytes);
        try {
          for (const { kind } of fields) reader[kind]();
        } catch (error) {
          expect(isCodedError(error, 'Corrupt')).toBe(true);
        }
      }),
    );
  });

  it('refuses bytes that are left over', () => {
    expect(() => new ByteReader(new Uint8Array(3)).end()).toThrow('3 bytes too many');
  });

  it('refuses to write numbers that do not fit', () => {
    expect(() => new ByteWriter().u48(2 ** 48)).toThrow(RangeError);
    expect(() => new ByteWriter().u32(-1)).toThrow(RangeError);
    expect(() => new ByteWriter().i64(2 ** 60)).toThrow(RangeError);
  });

  it('patches a length that was not known before', () => {
    const writer = new ByteWriter().u32(0).text('abc');
    writer.patchU32(0, writer.length);
    expect(new ByteReader(writer.view()).u32()).toBe(11);
    expect(() => writer.patchU32(100, 1)).toThrow(RangeError);
  });

  it('gives copies with finish and the buffer itself with view', () => {
    const writer = new ByteWriter().u8(1);
    const copy = writer.finish();
    writer.reset().u8(2);
    expect([...copy]).toEqual([1]);
    expect([...writer.view()]).toEqual([2]);
  });
});
