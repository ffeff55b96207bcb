import { type CodedError, isCodedError } from '@everopen/core';
import { primaryKeyOf } from '../state/primary-key.ts';
import type { RowChange, RowOf } from '../state/schema.ts';
import type { StateMachine } from '../state/state-machine.ts';

export type Outcome =
  | { readonly kind: 'answered'; readonly result: Uint8Array; readonly changes: readonly RowChange[] }
  | { readonly kind: 'refused'; readonly error: CodedError };

export interface MachineHarness {
  readonly machine: StateMachine;
  /** Log time; tests set it or `advance` it. Starts at 2027-01-01 UTC. */
  nowMs: number;
  /** The rules in force. Starts at the options' level. */
  featureLevel: number;
  /** Commands run so far, refused ones too. */
  readonly position: number;
  advance(ms: number): void;
  /** Runs one command: what it answered and changed, or its refusal. */
  run(payload: Uint8Array): Outcome;
  /** Runs a command that must be answered; throws its refusal. */
  answer(payload: Uint8Array): Uint8Array;
  /** Runs a command that must be refused, with this code if one is given; throws if it is answered. */
  refusal(payload: Uint8Array, code?: string): CodedError;
  /** What a store would hold now: a table's rows in primary-key order, of stored tables too. */
  rows<Row extends RowOf = RowOf>(table: string): Row[];
  /**
   * Loads what a store would hold into `fresh`, as a restart does, and throws unless it has the same digest.
   * `fresh` is a new machine of the same kind; go on with `createMachineHarness(fresh)` to compare answers.
   */
  reloadInto(fresh: StateMachine): void;
}

/**
 * Runs a state machine on commands, without log, store or clock, for unit tests of its decisions:
 *
 *     const shop = createMachineHarness(new ProductsMachine());
 *     shop.answer(encode({ putItem: … }));
 *     shop.advance(1_000);
 *     expect(shop.refusal(encode({ removeUnits: … })).code).toBe('NotEnoughUnits');
 *     expect(shop.rows('items')).toEqual([…]);
 *
 * It works as the runtime does (begin, apply, then commit or roll back), and after each command checks
 * what a machine must never do: change a row in place, leave a trace of a refused command, or hold other
 * rows than its changes left. An exception that is no `CodedError` is thrown on, as the bug it is.
 */
export function createMachineHarness(
  machine: StateMachine,
  options: { nowMs?: number; featureLevel?: number } = {},
): MachineHarness {
  const { tables } = machine;
  const stored = new Map(tables.schemas.map((schema) => [schema.name, new Map<string, RowOf>()]));
  const tableRows = (name: string): Map<string, RowOf> => {
    const rows = stored.get(name);
    if (rows === undefined) throw new TypeError(`The machine has no table ${name}`);
    return rows;
  };
  const keep = (change: RowChange): void => {
    const rows = tableRows(change.table.name);
    const key = JSON.stringify(change.key);
    if (change.row === undefined) rows.delete(key);
    else rows.set(key, Object.freeze(change.row));
  };
  let position = 0;

  const harness: MachineHarness = {
    machine,
    nowMs: options.nowMs ?? Date.UTC(2027, 0, 1),
    featureLevel: options.featureLevel ?? 0,
    get position() {
      return position;
    },
    advance: (ms) => {
      harness.nowMs += ms;
    },
    run: (payload) => {
      const before = tables.digest();
      position++;
      tables.begin();
      let result: Uint8Array;
      try {
        result = machine.apply(payload, {
          position,
          nowMs: harness.nowMs,
          featureLevel: harness.featureLevel,
        });
      } catch (error) {
        if (!isCodedError(error)) throw error;
        tables.rollback();
        if (tables.digest() !== before) throw new Error('A refused command left a trace', { cause: error });
        return { kind: 'refused', error };
      }
      const changes = tables.commit();
      for (const change of changes) keep(change);
      checkCounts(machine, stored);
      return { kind: 'answered', result, changes };
    },
    answer: (payload) => {
      const outcome = harness.run(payload);
      if (outcome.kind === 'refused') throw outcome.error;
      return outcome.result;
    },
    refusal: (payload, code) => {
      const outcome = harness.run(payload);
      if (outcome.kind === 'answered') throw new Error('The command was answered, not refused');
      if (code !== undefined && outcome.error.code !== code) throw outcome.error;
      return outcome.error;
    },
    rows: <Row extends RowOf>(table: string) => {
      const schema = tables.schemas.find((each) => each.name === table);
      const rows = [...tableRows(table).values()];
      return (schema === undefined ? rows : rows.sort(primaryKeyOf(schema).compare)) as Row[];
    },
    reloadInto: (fresh) => {
      fresh.tables.clear();
      for (const { name } of tables.schemas)
        for (const row of harness.rows(name)) fresh.tables.load(name, row);
      if (fresh.tables.digest() !== tables.digest()) {
        throw new Error('The rows that the commands left do not have the digest of the machine');
      }
    },
  };
  return harness;
}

function checkCounts(machine: StateMachine, stored: Map<string, Map<string, RowOf>>): void {
  for (const [name, count] of Object.entries(machine.tables.counts())) {
    const kept = stored.get(name)?.size ?? 0;
    if (kept !== count) throw new Error(`${name}: the machine holds ${count} rows, its changes left ${kept}`);
  }
}
