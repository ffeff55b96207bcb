import { CodedError, type ByteReader, type ByteWriter } from '@everopen/core';
import type { RowOf, TableSchema, Value } from '../state/schema.ts';

const NULL = 0;
const TAGS = { integer: 1, text: 2, bytes: 3 } as const;

export function writeRow(writer: ByteWriter, schema: TableSchema, row: RowOf): void {
  for (const [name, { type }] of Object.entries(schema.columns)) {
    const value = row[name] as Value;
    if (value === null) {
      writer.u8(NULL);
      continue;
    }
    writer.u8(TAGS[type]);
    if (typeof value === 'number') writer.i64(value);
    else if (typeof value === 'string') writer.text(value);
    else writer.bytes(value);
  }
}

/** Throws `Corrupt` unless the bytes are a row of this table. */
export function readRow(reader: ByteReader, schema: TableSchema): RowOf {
  const row: Record<string, Value> = {};
  for (const [name, { type, nullable }] of Object.entries(schema.columns)) {
    const tag = reader.u8();
    if (tag === NULL && nullable === true) row[name] = null;
    else if (tag !== TAGS[type]) throw new CodedError('Corrupt', `${schema.name}.${name} has the tag ${tag}`);
    else if (type === 'integer') row[name] = reader.i64();
    else if (type === 'text') row[name] = reader.text();
    else row[name] = Uint8Array.prototype.slice.call(reader.bytes());
  }
  reader.end();
  return row;
}
