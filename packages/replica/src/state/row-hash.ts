import { CodedError } from '@everopen/core';
import type { RowOf, TableSchema, Value } from './schema.ts';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** The two halves of a row's 64-bit hash, unsigned. */
export interface RowHash {
  low: number;
  high: number;
}

/**
 * A function that puts the 64-bit hash of a row of this table into `hash`. The hash is over a canonical
 * sequence of 32-bit words: the table's name, then for each column in the schema's order
 *
 *     null      0
 *     integer   1, low word, high word (two's complement of the safe integer)
 *     text      2, number of UTF-16 units, the units in pairs (low unit first, the last one padded with 0)
 *     bytes     3, number of bytes, the bytes in fours (little-endian, the last ones padded with 0)
 *
 * so equal rows hash alike whatever object, engine or store they came from. The low half is mixed by the
 * round of xxHash32 (Yann Collet), the high half by that of MurmurHash3 (Austin Appleby), and both end with
 * MurmurHash3's finaliser. Not cryptographic: it finds divergence and decay, not forgery.
 *
 * A row that does not fit its schema never gets into a digest: a wrong type is a bug of the machine and
 * throws a `TypeError`; text that one of the stores could not keep (a NUL, half a surrogate pair) can come
 * from a user, and is refused with `InvalidArgument`.
 */
export function rowHasher(schema: TableSchema): (row: RowOf, hash: RowHash) => void {
  const columns = Object.entries(schema.columns).map(([name, column]) => ({
    name,
    type: column.type,
    nullable: column.nullable === true,
  }));
  const columnCount = columns.length;
  const nameState = new Int32Array(2);
  nameState[0] = 0x27d4eb2f;
  nameState[1] = 0x165667b1;
  mixText(nameState, schema.name, schema.name, 'name');
  const startLow = nameState[0];
  const startHigh = nameState[1];
  const state = new Int32Array(2);

  return (row, hash) => {
    state[0] = startLow;
    state[1] = startHigh;
    for (let i = 0; i < columnCount; i++) {
      const column = columns[i] as (typeof columns)[number];
      const value = row[column.name] as Value | undefined;
      if (value === null && column.nullable) mix(state, 0);
      else if (column.type === 'integer' && typeof value === 'number' && Number.isSafeInteger(value)) {
        mix(state, 1);
        mix(state, value | 0);
        mix(state, Math.floor(value / 2 ** 32) | 0);
      } else if (column.type === 'text' && typeof value === 'string') {
        mix(state, 2);
        mixText(state, value, schema.name, column.name);
      } else if (column.type === 'bytes' && value instanceof Uint8Array) {
        mix(state, 3);
        mixBytes(state, value);
      } else {
        throw new TypeError(`${schema.name}.${column.name} is ${column.type}, not ${describe(value)}`);
      }
    }
    hash.low = finalise(state[0] as number);
    hash.high = finalise((state[1] as number) ^ hash.low);
  };
}

function mix(state: Int32Array, word: number): void {
  const low = ((state[0] as number) + Math.imul(word, 0x85ebca77)) | 0;
  state[0] = Math.imul((low << 13) | (low >>> 19), 0x9e3779b1);
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const high = (state[1] as number) ^ k;
  state[1] = (Math.imul((high << 13) | (high >>> 19), 5) + 0xe6546b64) | 0;
}

function mixText(state: Int32Array, text: string, table: string, column: string): void {
  const length = text.length;
  mix(state, length);
  let refused = false;
  let surrogates = false;
  for (let i = 0; i < length; i += 2) {
    const first = text.charCodeAt(i);
    let second = 0;
    if (i + 1 < length) {
      second = text.charCodeAt(i + 1);
      if (second === 0) refused = true;
    }
    if (first === 0) refused = true;
    if ((first & 0xf800) === 0xd800 || (second & 0xf800) === 0xd800) surrogates = true;
    mix(state, first | (second << 16));
  }
  if (refused || (surrogates && LONE_SURROGATE.test(text))) {
    throw new CodedError('InvalidArgument', `${column} holds a character that cannot be stored`, {
      details: { field: column, table },
    });
  }
}

function mixBytes(state: Int32Array, bytes: Uint8Array): void {
  const length = bytes.length;
  mix(state, length);
  for (let i = 0; i < length; i += 4) {
    mix(
      state,
      (bytes[i] as number) |
        ((bytes[i + 1] ?? 0) << 8) |
        ((bytes[i + 2] ?? 0) << 16) |
        ((bytes[i + 3] ?? 0) << 24),
    );
  }
}

function finalise(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function describe(value: unknown): string {
  return typeof value === 'number' ? `the number ${value}` : value === null ? 'null' : typeof value;
}
