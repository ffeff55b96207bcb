import { CodedError, isCodedError, uuidV7UnixMs } from '@everopen/core';
import {
  decodeCommand,
  type CommandBody,
  type OnceKey,
  type SubmissionId,
} from '../command/command-envelope.ts';
import type { Position } from '../log/ordered-log.ts';
import { ANSWER_BYTES_MAX, ANSWERS, KEY_AGE_MAX_MS, RememberedAnswers } from '../once/remembered-answers.ts';
import { addDigests } from '../state/digest.ts';
import type { RowChange, RowOf, TableSchema } from '../state/schema.ts';
import type { StateMachine } from '../state/state-machine.ts';
import type { ResidentTable, StateTables } from '../state/state-tables.ts';
import { Tables } from '../state/tables.ts';
import { LogTime } from '../time/log-time.ts';
import type { ReplicaMutations } from './mutations.ts';
import { decodeRefusal, encodeRefusal } from './refusal.ts';

type SettingRow = { name: string; value: number };

export const SETTINGS: TableSchema<SettingRow> = {
  name: 'replica_settings',
  comment: 'Log time and feature level',
  columns: {
    name: { type: 'text', comment: 'log_time_ms or feature_level' },
    value: { type: 'integer', comment: 'its value' },
  },
  primaryKey: ['name'],
  resident: true,
};

/** What a command came to. */
export type CommandOutcome =
  | { readonly kind: 'answered'; readonly result: Uint8Array; readonly position: Position }
  | { readonly kind: 'refused'; readonly error: CodedError; readonly position: Position };

export interface AppliedCommand {
  readonly id: SubmissionId;
  readonly body: CommandBody;
  readonly outcome: CommandOutcome;
  readonly changes: readonly RowChange[];
}

export interface ReplicatedStateOptions {
  readonly machine: StateMachine;
  /** Whose clocks make log time. */
  readonly clockMembers: readonly string[];
  /** The highest feature level that this program knows. */
  readonly featureLevelMax: number;
  /** 32 random bits. Not part of the state. */
  readonly hashSeed: number;
  readonly mutations?: ReplicaMutations;
}

const NOTHING = new Uint8Array(0);

/**
 * A state machine with what every one needs around it: exactly-once execution, log time, feature levels,
 * digest. Deterministic: the same commands give the same outcomes and rows on every replica.
 */
export class ReplicatedState {
  readonly machine: StateMachine;
  private readonly system = new Tables();
  private readonly answers: RememberedAnswers;
  private readonly logTime: LogTime;
  private readonly settings: ResidentTable<SettingRow>;
  /** The highest that this program knows. */
  readonly featureLevelMax: number;
  private readonly mutations: ReplicaMutations;

  constructor(options: ReplicatedStateOptions) {
    this.machine = options.machine;
    this.featureLevelMax = options.featureLevelMax;
    this.mutations = options.mutations ?? {};
    this.answers = new RememberedAnswers(this.system, {
      hashSeed: options.hashSeed,
      ...(this.mutations.forgetEarly === true ? { rememberMs: KEY_AGE_MAX_MS } : {}),
    });
    this.logTime = new LogTime(this.system, options.clockMembers);
    this.settings = this.system.resident(SETTINGS);
    for (const { name } of this.system.schemas) {
      if (this.machine.tables.schemas.some((schema) => schema.name === name)) {
        throw new TypeError(`The table name ${name} is reserved`);
      }
    }
  }

  /** All tables, the machine's first. */
  get schemas(): readonly TableSchema[] {
    return [...this.machine.tables.schemas, ...this.system.schemas];
  }

  /** Log time, Unix milliseconds; 0 until a majority of the members has reported its clock. */
  get nowMs(): number {
    return this.settings.get('log_time_ms')?.value ?? 0;
  }

  get featureLevel(): number {
    return this.settings.get('feature_level')?.value ?? 0;
  }

  get counts(): Readonly<Record<string, number>> {
    return { ...this.machine.tables.counts(), [ANSWERS.name]: this.answers.size };
  }

  /**
   * Applies one committed command. Throws what is no refusal: a bug of the machine, a command of a newer
   * version or feature level (`Corrupt`). Then the state is unusable, and the replica must stop.
   */
  apply(position: Position, command: Uint8Array): AppliedCommand {
    const { id, body } = decodeCommand(command);
    this.machine.tables.begin();
    this.system.begin();
    const outcome = this.execute(position, body);
    const changes = this.machine.tables.commit();
    for (const change of this.system.commit()) changes.push(change);
    return { id, body, outcome, changes };
  }

  /** Of all rows, in hexadecimal. */
  digest(): string {
    return addDigests(this.machine.tables.digest(), this.system.digest());
  }

  tableDigest(table: string): string {
    return this.tablesOf(table).tableDigest(table);
  }

  setTableDigest(table: string, digest: string): void {
    this.tablesOf(table).setTableDigest(table, digest);
  }

  /** Whether rows of this table are needed in memory at a start. */
  loadsRows(schema: TableSchema): boolean {
    return schema.resident || schema.name === ANSWERS.name;
  }

  load(table: string, row: RowOf): void {
    this.tablesOf(table).load(table, row);
    if (table === ANSWERS.name) this.answers.load(row as Parameters<RememberedAnswers['load']>[0]);
  }

  /** Throws `Corrupt` if what was loaded is under rules that this program does not know. */
  assertUnderstood(): void {
    this.assertKnown(this.featureLevel);
  }

  clear(): void {
    this.machine.tables.clear();
    this.system.clear();
    this.answers.clear();
  }

  private execute(position: Position, body: CommandBody): CommandOutcome {
    switch (body.kind) {
      case 'clock': {
        const before = this.nowMs;
        const now = this.logTime.report(body.member, body.unixMs, before);
        if (now !== before) this.settings.put({ name: 'log_time_ms', value: now });
        return { kind: 'answered', result: NOTHING, position };
      }
      case 'feature-level':
        return this.raiseFeatureLevel(position, body.level);
      case 'machine':
        return body.once === undefined
          ? this.applyPayload(position, body.payload, Number.POSITIVE_INFINITY)
          : this.applyOnce(position, body.once, body.payload);
    }
  }

  private applyOnce(position: Position, once: OnceKey, payload: Uint8Array): CommandOutcome {
    const nowMs = this.nowMs;
    this.answers.expire(nowMs);
    try {
      const remembered = this.answers.recall(once, uuidV7UnixMs(once.key), nowMs);
      if (remembered !== undefined) {
        return remembered.refused
          ? { kind: 'refused', error: decodeRefusal(remembered.answer), position: remembered.position }
          : { kind: 'answered', result: remembered.answer, position: remembered.position };
      }
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return { kind: 'refused', error, position };
    }
    const outcome = this.applyPayload(position, payload, ANSWER_BYTES_MAX);
    const refused = outcome.kind === 'refused';
    // A full table is no answer to the request: the same key may try again later.
    if (refused && (outcome.error.code === 'Overloaded' || this.mutations.forgetRefusals === true)) {
      return outcome;
    }
    const answer = refused ? encodeRefusal(outcome.error, ANSWER_BYTES_MAX) : outcome.result;
    this.answers.remember({ ...once, position, atMs: nowMs, refused, answer });
    // As every repetition will have it: JSON may have changed a detail.
    return refused ? { kind: 'refused', error: decodeRefusal(answer), position } : outcome;
  }

  private applyPayload(position: Position, payload: Uint8Array, answerBytesMax: number): CommandOutcome {
    const context = { position, nowMs: this.nowMs, featureLevel: this.featureLevel };
    try {
      const result = this.machine.apply(payload, context);
      if (result.length > answerBytesMax) {
        throw new CodedError('Internal', `An answer of ${result.length} bytes cannot be remembered`, {
          details: { limit: answerBytesMax },
        });
      }
      return { kind: 'answered', result, position };
    } catch (error) {
      if (!isCodedError(error)) throw error;
      if (this.mutations.keepRefusedEffects !== true) {
        this.machine.tables.rollback();
        this.machine.tables.begin();
      }
      return { kind: 'refused', error, position };
    }
  }

  private raiseFeatureLevel(position: Position, level: number): CommandOutcome {
    this.assertKnown(level);
    if (level > this.featureLevel) this.settings.put({ name: 'feature_level', value: level });
    return { kind: 'answered', result: NOTHING, position };
  }

  private assertKnown(level: number): void {
    if (level <= this.featureLevelMax) return;
    throw new CodedError(
      'Corrupt',
      `Feature level ${level} is in force; this program knows ${this.featureLevelMax}`,
    );
  }

  private tablesOf(table: string): StateTables {
    const own = this.system.schemas.some(({ name }) => name === table);
    return own ? this.system : this.machine.tables;
  }
}
