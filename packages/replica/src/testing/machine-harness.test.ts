import { CodedError } from '@everopen/core';
import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../state/schema.ts';
import type { ApplyContext, StateMachine } from '../state/state-machine.ts';
import { Tables } from '../state/tables.ts';
import { createMachineHarness } from './machine-harness.ts';

type Counter = { name: string; value: number; atMs: number };
const COUNTERS: TableSchema<Counter> = {
  name: 'counters',
  comment: 'Named counters',
  columns: {
    name: { type: 'text', comment: 'name' },
    value: { type: 'integer', comment: 'value' },
    atMs: { type: 'integer', comment: 'last change' },
  },
  primaryKey: ['name'],
  resident: true,
};

class Counters implements StateMachine {
  readonly name = 'counters';
  readonly tables: Tables = new Tables();
  private readonly counters = this.tables.resident(COUNTERS);

  apply(payload: Uint8Array, { nowMs }: ApplyContext): Uint8Array {
    const command = Buffer.from(payload).toString();
    const name = command.slice(1);
    const before = this.counters.get(name);
    const value = (before?.value ?? 0) + 1;
    if (command.startsWith('!') && before !== undefined) (before as Counter).value = value;
    else this.counters.put({ name, value, atMs: nowMs });
    if (command.startsWith('-')) throw new CodedError('NotFound', 'Refused after a change');
    if (command.startsWith('?')) throw new Error('a bug');
    return Buffer.from(String(value));
  }
}

const text = (payload: string): Uint8Array => Buffer.from(payload);

describe('createMachineHarness', () => {
  it('answers, refuses and keeps what a store would hold', () => {
    const harness = createMachineHarness(new Counters(), { nowMs: 1000 });
    expect(Buffer.from(harness.answer(text('+b'))).toString()).toBe('1');
    harness.advance(500);
    expect(harness.run(text('+a'))).toMatchObject({
      kind: 'answered',
      changes: [{ key: ['a'], row: { name: 'a', value: 1, atMs: 1500 } }],
    });
    expect(harness.refusal(text('-b'), 'NotFound').message).toBe('Refused after a change');
    expect(() => harness.refusal(text('+b'))).toThrow('answered, not refused');
    expect(() => harness.answer(text('-b'))).toThrow('Refused after a change');
    expect(harness.rows('counters')).toEqual([
      { name: 'a', value: 1, atMs: 1500 },
      { name: 'b', value: 2, atMs: 1500 },
    ]);
    expect(harness.position).toBe(5);
    const fresh = new Counters();
    harness.reloadInto(fresh);
    expect(fresh.tables.digest()).toBe(harness.machine.tables.digest());
  });

  it('finds a machine that changes a row in place, and passes bugs on', () => {
    const harness = createMachineHarness(new Counters());
    harness.answer(text('+a'));
    expect(() => harness.run(text('!a'))).toThrow(TypeError);
    expect(() => createMachineHarness(new Counters()).run(text('?a'))).toThrow('a bug');
  });
});
