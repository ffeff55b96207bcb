import { ByteReader, ByteWriter, CodedError, toHex, UUID_BYTES } from '@everopen/core';
import type { Position } from '../log/ordered-log.ts';
import type { TableSchema } from '../state/schema.ts';
import type { StoredTable } from '../state/state-tables.ts';
import type { Tables } from '../state/tables.ts';
import { FINGERPRINT_BYTES, type OnceKey } from '../command/command-envelope.ts';
import { AnswerRing } from './answer-ring.ts';
import { KeyTable } from './key-table.ts';

// `apply` decides by these, so a change of one needs a new feature level.

/** A key is accepted for this long after the time in it. */
export const KEY_AGE_MAX_MS: number = 24 * 3_600_000;
/** A key may be this far ahead of log time: clients' clocks are never quite right. */
export const KEY_AHEAD_MAX_MS: number = 10 * 60_000;
/** An answer outlives its key, also that of a client whose clock was ahead. */
const REMEMBER_MS = KEY_AGE_MAX_MS + KEY_AHEAD_MAX_MS;
/** About 100 bytes each beside the answer. */
const ANSWERS_MAX = 8_000_000;
const ANSWERS_BYTES_MAX = 4 * 2 ** 30;
const ANSWERS_PER_OWNER_MAX = 100_000;
/** One answer to a command that is remembered; one that would be longer is refused. */
export const ANSWER_BYTES_MAX: number = 64 * 1024;
/** Old answers dropped with each command: more than one comes in, so the backlog shrinks. */
const EXPIRED_PER_COMMAND = 8;

export interface RememberedAnswer extends OnceKey {
  /** Where the command was applied. */
  readonly position: Position;
  /** Log time then. */
  readonly atMs: number;
  readonly refused: boolean;
  readonly answer: Uint8Array;
}

type AnswerRow = {
  position: number;
  key: Uint8Array;
  fingerprint: Uint8Array;
  owner: string;
  at_ms: number;
  refused: number;
  answer: Uint8Array;
};

export const ANSWERS: TableSchema<AnswerRow> = {
  name: 'replica_answers',
  comment: 'Answers of commands that happen once, remembered for 24 hours',
  columns: {
    position: { type: 'integer', comment: 'where in the log the command was applied' },
    key: { type: 'bytes', comment: 'idempotency key, a UUIDv7' },
    fingerprint: { type: 'bytes', comment: 'of the request that came with the key' },
    owner: { type: 'text', comment: 'whose quota the answer counts against' },
    at_ms: { type: 'integer', comment: 'log time when the command was applied, Unix milliseconds' },
    refused: { type: 'integer', check: 'refused IN (0, 1)', comment: '1 if the answer is a refusal' },
    answer: { type: 'bytes', comment: 'the answer, or the refusal as JSON' },
  },
  primaryKey: ['position'],
  resident: false,
};

/**
 * The memory of what was answered under which key. Part of the replicated state: its rows are in digests,
 * stores and snapshots. It is full rather than forgetful: an answer is dropped by log time alone.
 */
export class RememberedAnswers {
  private readonly table: StoredTable<AnswerRow>;
  private readonly ring = new AnswerRing();
  private readonly byKey: KeyTable;
  private readonly perOwner = new Map<string, number>();
  private readonly rememberMs: number;

  constructor(tables: Tables, options: { hashSeed: number; rememberMs?: number }) {
    this.table = tables.stored(ANSWERS);
    this.rememberMs = options.rememberMs ?? REMEMBER_MS;
    this.byKey = new KeyTable(
      (number) => this.ring.get(number).subarray(0, UUID_BYTES),
      () => this.ring.first,
      options.hashSeed,
    );
  }

  get size(): number {
    return this.ring.size;
  }

  /**
   * The answer to give again, or undefined if the command is to be executed now. Throws the refusal of a
   * key that is too old (`KeyExpired`), ahead of log time (`InvalidArgument`), used for another request
   * (`KeyReused`), or for whose answer there is no room (`Overloaded`, `QuotaExceeded`).
   */
  recall(once: OnceKey, keyUnixMs: number, nowMs: number): RememberedAnswer | undefined {
    assertKeyTime(once.key, keyUnixMs, nowMs);
    const number = this.byKey.find(once.key);
    if (number !== undefined) {
      const remembered = decode(this.ring.get(number));
      if (Buffer.compare(remembered.fingerprint, once.fingerprint) === 0) return remembered;
      throw new CodedError('KeyReused', 'The idempotency key was used for another request', {
        details: { key: toHex(once.key) },
      });
    }
    if (this.ring.size >= ANSWERS_MAX || this.ring.bytes >= ANSWERS_BYTES_MAX) {
      throw new CodedError('Overloaded', 'The memory of answers is full', {
        details: { limit: ANSWERS_MAX },
      });
    }
    if ((this.perOwner.get(once.owner) ?? 0) >= ANSWERS_PER_OWNER_MAX) {
      throw new CodedError('QuotaExceeded', 'Too many requests of this account within 24 hours', {
        details: { limit: ANSWERS_PER_OWNER_MAX },
      });
    }
    return undefined;
  }

  /** Within a command: remembers its answer, of at most `ANSWER_BYTES_MAX`. */
  remember(answer: RememberedAnswer): void {
    if (answer.answer.length > ANSWER_BYTES_MAX) {
      throw new RangeError(
        `An answer of ${answer.answer.length} bytes; at most ${ANSWER_BYTES_MAX} are remembered`,
      );
    }
    this.table.insert(toRow(answer));
    this.hold(answer);
  }

  /** Within a command: drops a few of the answers that are too old. */
  expire(nowMs: number): void {
    for (let i = 0; i < EXPIRED_PER_COMMAND && this.ring.size > 0; i++) {
      const oldest = decode(this.ring.get(this.ring.first));
      if (oldest.atMs + this.rememberMs >= nowMs) return;
      this.table.delete(toRow(oldest));
      this.drop(oldest.owner);
    }
  }

  /** A row of the store; rows come in the order of their positions. The digest is not touched. */
  load(row: AnswerRow): void {
    this.hold({
      position: row.position,
      key: row.key,
      fingerprint: row.fingerprint,
      owner: row.owner,
      atMs: row.at_ms,
      refused: row.refused === 1,
      answer: row.answer,
    });
  }

  clear(): void {
    while (this.ring.size > 0) this.drop(decode(this.ring.get(this.ring.first)).owner);
  }

  private hold(answer: RememberedAnswer): void {
    this.byKey.add(this.ring.push(encode(answer)));
    this.perOwner.set(answer.owner, (this.perOwner.get(answer.owner) ?? 0) + 1);
  }

  private drop(owner: string): void {
    this.byKey.remove(this.ring.first);
    this.ring.shift();
    const left = (this.perOwner.get(owner) ?? 0) - 1;
    if (left > 0) this.perOwner.set(owner, left);
    else this.perOwner.delete(owner);
  }
}

function assertKeyTime(key: Uint8Array, keyUnixMs: number, nowMs: number): void {
  if (keyUnixMs + KEY_AGE_MAX_MS < nowMs) {
    throw new CodedError('KeyExpired', 'The idempotency key is more than 24 hours old', {
      details: { key: toHex(key), keyUnixMs, nowMs },
    });
  }
  if (keyUnixMs > nowMs + KEY_AHEAD_MAX_MS) {
    throw new CodedError('InvalidArgument', 'idempotency-key is more than 10 minutes ahead of the time', {
      details: { field: 'idempotency-key', keyUnixMs, nowMs },
    });
  }
}

/** key (16) · fingerprint (16) · position (48 bits) · log time (48 bits) · refused (8 bits) · owner (text) · answer */
function encode(answer: RememberedAnswer): Uint8Array {
  return scratch
    .reset()
    .raw(answer.key)
    .raw(answer.fingerprint)
    .u48(answer.position)
    .u48(answer.atMs)
    .boolean(answer.refused)
    .text(answer.owner)
    .raw(answer.answer)
    .view();
}

function decode(record: Buffer): RememberedAnswer {
  const reader = new ByteReader(record);
  return {
    key: reader.raw(UUID_BYTES),
    fingerprint: reader.raw(FINGERPRINT_BYTES),
    position: reader.u48(),
    atMs: reader.u48(),
    refused: reader.boolean(),
    owner: reader.text(),
    // A copy: it goes out to callers, and the record may be dropped.
    answer: Uint8Array.prototype.slice.call(reader.raw(reader.remaining)),
  };
}

function toRow(answer: RememberedAnswer): AnswerRow {
  return {
    position: answer.position,
    // Copies: views into a ring or a command must not outlive them.
    key: Uint8Array.prototype.slice.call(answer.key),
    fingerprint: Uint8Array.prototype.slice.call(answer.fingerprint),
    owner: answer.owner,
    at_ms: answer.atMs,
    refused: answer.refused ? 1 : 0,
    answer: answer.answer,
  };
}

const scratch = new ByteWriter(1024);
