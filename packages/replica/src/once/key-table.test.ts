import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerRing } from './answer-ring.ts';
import { KeyTable } from './key-table.ts';

function keyOf(id: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(id, 4);
  return key;
}

describe('keys and answers in a ring', () => {
  it('agree with a plain map under any order of adding and dropping the oldest', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: fc.constant(true), bytes: fc.nat(200_000) }) },
      { weight: 2, arbitrary: fc.record({ add: fc.constant(false), bytes: fc.constant(0) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer(), (steps, seed) => {
        const ring = new AnswerRing();
        const table = new KeyTable(
          (number) => ring.get(number).subarray(0, 16),
          () => ring.first,
          seed,
        );
        const model: { id: number; number: number; length: number }[] = [];
        let ids = 0;
        for (const { add, bytes } of steps) {
          if (add) {
            const record = Buffer.concat([keyOf(++ids), Buffer.alloc(bytes, ids & 0xff)]);
            const number = ring.push(record);
            table.add(number);
            model.push({ id: ids, number, length: record.length });
          } else if (model.length > 0) {
            table.remove(ring.first);
            ring.shift();
            model.shift();
          }
        }
        expect(ring.size).toBe(model.length);
        expect(ring.bytes).toBe(model.reduce((sum, { length }) => sum + length, 0));
        for (let id = 1; id <= ids; id++) {
          const expected = model.find((each) => each.id === id);
          expect(table.find(keyOf(id))).toBe(expected?.number);
          if (expected !== undefined) {
            const record = ring.get(expected.number);
            expect(record.length).toBe(expected.length);
            expect(record.subarray(0, 16).equals(keyOf(id))).toBe(true);
            expect(record.subarray(16).every((byte) => byte === (id & 0xff))).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('grow and shrink with what they hold', () => {
    const ring = new AnswerRing();
    const table = new KeyTable(
      (number) => ring.get(number).subarray(0, 16),
      () => ring.first,
      7,
    );
    const slots = (): number => (table as unknown as { slots: Uint32Array }).slots.length;
    for (let id = 0; id < 20_000; id++) table.add(ring.push(keyOf(id)));
    expect(slots()).toBeGreaterThanOrEqual(40_000);
    for (let id = 0; id < 20_000; id += 97) expect(table.find(keyOf(id))).toBe(id);
    expect(table.find(keyOf(20_000))).toBeUndefined();
    for (let id = 0; id < 19_990; id++) {
      table.remove(ring.first);
      ring.shift();
    }
    expect(slots()).toBe(1024);
    expect(table.find(keyOf(19_995))).toBe(19_995);
    expect(table.find(keyOf(5))).toBeUndefined();
    expect(() => ring.get(5)).toThrow(RangeError);
  });
});
