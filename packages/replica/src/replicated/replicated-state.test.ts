import { seededRandom, uuidV7 } from '@everopen/core';
import { describe, expect, it } from 'vitest';
import { encodeCommand, type CommandBody } from '../command/command-envelope.ts';
import type { RowChange } from '../state/schema.ts';
import { toyCommand, ToyMachine } from '../testing/toy-machine.ts';
import type { ReplicaMutations } from './mutations.ts';
import { ReplicatedState, type CommandOutcome } from './replicated-state.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2027, 0, 1);
const random = seededRandom(1);

function newState(mutations: ReplicaMutations = {}) {
  const machine = new ToyMachine();
  const state = new ReplicatedState({
    machine,
    clockMembers: ['a'],
    featureLevelMax: 1,
    hashSeed: 3,
    mutations,
  });
  let position = 0;
  const changes: RowChange[] = [];
  const apply = (body: CommandBody): CommandOutcome => {
    const id = { submitter: new Uint8Array(8), number: 1 };
    const applied = state.apply(++position, encodeCommand({ id, body }));
    changes.push(...applied.changes);
    return applied.outcome;
  };
  const setTime = (unixMs: number): void => {
    apply({ kind: 'clock', member: 'a', unixMs, wanted: false });
  };
  setTime(START);
  const once = (key: Uint8Array, amount: number, owner = 'o'): CommandOutcome =>
    apply({
      kind: 'machine',
      once: { key, fingerprint: new Uint8Array(16).fill(amount), owner },
      payload: toyCommand({ name: 'ann', amount }),
    });
  const balance = (): number => machine.accounts.get('ann')?.balance ?? 0;
  return { state, machine, apply, setTime, once, balance, changes };
}

const keyAt = (unixMs: number): Uint8Array => uuidV7(unixMs, random);
const codeOf = (outcome: CommandOutcome): string =>
  outcome.kind === 'refused' ? outcome.error.code : Buffer.from(outcome.result).toString();

/** A client whose clock is 9 minutes ahead asks again a little more than 24 hours later. */
function askAgainLate(mutations: ReplicaMutations): number {
  const { once, setTime, balance } = newState(mutations);
  const key = keyAt(START + 9 * MINUTE);
  once(key, 5);
  setTime(START + 24 * HOUR + 5 * MINUTE);
  for (let i = 0; i < 10; i++) once(keyAt(START + 24 * HOUR), 0);
  once(key, 5);
  return balance();
}

describe('exactly-once', () => {
  it('accepts a key for 24 hours of log time, and 10 minutes ahead of it', () => {
    const { once, setTime } = newState();
    expect(codeOf(once(keyAt(START - 24 * HOUR), 1))).toBe('1');
    expect(codeOf(once(keyAt(START - 24 * HOUR - 1), 1))).toBe('KeyExpired');
    expect(codeOf(once(keyAt(START + 10 * MINUTE), 1))).toBe('2');
    expect(codeOf(once(keyAt(START + 10 * MINUTE + 1), 1))).toBe('InvalidArgument');
    const key = keyAt(START);
    expect(codeOf(once(key, 1))).toBe('3');
    setTime(START + 24 * HOUR);
    expect(codeOf(once(key, 1))).toBe('3');
    setTime(START + 24 * HOUR + 1);
    expect(codeOf(once(key, 1))).toBe('KeyExpired');
  });

  it('remembers an answer as long as its key can be used, also one made by a clock that is ahead', () => {
    expect(askAgainLate({})).toBe(5);
    expect(askAgainLate({ forgetEarly: true })).toBe(10);
  });

  it('forgets answers a little at a time, in the store too, and only by log time', () => {
    const { once, setTime, state, changes } = newState();
    for (let i = 0; i < 100; i++) once(keyAt(START), 1);
    expect(state.counts['replica_answers']).toBe(100);
    setTime(START + 24 * HOUR + 10 * MINUTE + 1);
    changes.length = 0;
    once(keyAt(START + 24 * HOUR), 1);
    expect(state.counts['replica_answers']).toBe(93);
    expect(changes.filter(({ row }) => row === undefined).length).toBe(8);
    for (let i = 0; i < 20; i++) once(keyAt(START + 24 * HOUR), 1);
    expect(state.counts['replica_answers']).toBe(21);
  });

  it('gives each owner a quota, which is free again when answers are forgotten', () => {
    const { once, setTime, state } = newState();
    for (let i = 1; i < 100_000; i++) {
      state.load('replica_answers', {
        position: 1000 + i,
        key: keyAt(START),
        fingerprint: new Uint8Array(16),
        owner: 'greedy',
        at_ms: START,
        refused: 0,
        answer: new Uint8Array(0),
      });
    }
    expect(codeOf(once(keyAt(START), 0, 'greedy'))).toBe('0');
    expect(codeOf(once(keyAt(START), 0, 'greedy'))).toBe('QuotaExceeded');
    expect(codeOf(once(keyAt(START), 7, 'modest'))).toBe('7');
    setTime(START + 25 * HOUR);
    expect(codeOf(once(keyAt(START + 25 * HOUR), 1, 'greedy'))).toBe('8');
  });

  it('does not remember what was refused before it was decided', () => {
    const { once, setTime } = newState();
    const early = keyAt(START + 20 * MINUTE);
    expect(codeOf(once(early, 3))).toBe('InvalidArgument');
    setTime(START + 15 * MINUTE);
    expect(codeOf(once(early, 3))).toBe('3');
  });

  it('gives the same outcomes and digest from the same commands, and from loaded rows', () => {
    const a = newState();
    const b = newState();
    const keys = Array.from({ length: 20 }, () => keyAt(START));
    keys.forEach((key, i) => {
      expect(codeOf(a.once(key, i % 5 === 0 ? -50 : i))).toBe(codeOf(b.once(key, i % 5 === 0 ? -50 : i)));
    });
    expect(a.state.digest()).toBe(b.state.digest());
    const fresh = newState().state;
    fresh.clear();
    expect(fresh.digest()).toBe('0'.repeat(16));
    const rows = new Map<string, RowChange>();
    for (const change of a.changes) rows.set(`${change.table.name} ${change.key.join()}`, change);
    for (const { table, row } of rows.values()) if (row !== undefined) fresh.load(table.name, row);
    expect(fresh.digest()).toBe(a.state.digest());
  });
});
