import { createHash } from 'node:crypto';
import { ByteReader, CodedError } from '@everopen/core';
import { layoutOf } from '../replicated/digest-rows.ts';
import { primaryKeyOf } from '../state/primary-key.ts';
import type { RowOf, TableSchema } from '../state/schema.ts';
import type { TableRows } from '../store/store.ts';
import { ChunkReader } from './chunk-reader.ts';
import { readRow } from './row-codec.ts';
import {
  HEADER_TEXT_BYTES_MAX,
  ROW_BYTES_MAX,
  SNAPSHOT_HASH,
  SNAPSHOT_HASH_BYTES,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  type SnapshotHeader,
} from './snapshot-format.ts';

const ROWS_PER_BATCH = 500;

/**
 * The rows of a snapshot, as they come. Throws `Corrupt` for bytes that are none or are damaged: the hash is
 * at the end, so nothing must be kept before the last row has been given and the iteration has ended.
 * Throws `WrongCluster` if it is not the snapshot that was expected.
 */
export async function* decodeSnapshot(
  expected: SnapshotHeader,
  schemas: readonly TableSchema[],
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<TableRows, void, undefined> {
  const hash = createHash(SNAPSHOT_HASH);
  const source = new ChunkReader(chunks, hash);
  try {
    await checkHeader(source, expected, schemas);
    for (const schema of schemas) yield* tableRows(source, schema);
    const computed = hash.digest();
    const stated = await source.takeUnhashed(SNAPSHOT_HASH_BYTES);
    if (!computed.equals(stated)) throw new CodedError('Corrupt', 'A snapshot does not have its hash');
    await source.end();
  } finally {
    await source.cancel();
  }
}

async function checkHeader(
  source: ChunkReader,
  expected: SnapshotHeader,
  schemas: readonly TableSchema[],
): Promise<void> {
  const start = new ByteReader(await source.take(5));
  if (start.u32() !== SNAPSHOT_MAGIC) throw new CodedError('Corrupt', 'These bytes are no snapshot');
  const version = start.u8();
  if (version !== SNAPSHOT_VERSION) throw new CodedError('Corrupt', `A snapshot of version ${version}`);
  const cluster = await text(source);
  const numbers = new ByteReader(await source.take(4 + 6 + 2));
  const found = { cluster, epoch: numbers.u32(), position: numbers.u48(), tables: numbers.u16() };
  if (
    found.cluster !== expected.cluster ||
    found.epoch !== expected.epoch ||
    found.position !== expected.position ||
    found.tables !== schemas.length
  ) {
    throw new CodedError('WrongCluster', 'A snapshot of another cluster, epoch or position', {
      details: { found, expected },
    });
  }
}

async function* tableRows(
  source: ChunkReader,
  table: TableSchema,
): AsyncGenerator<TableRows, void, undefined> {
  const name = await text(source);
  const layout = await text(source);
  if (name !== table.name || layout !== layoutOf(table)) {
    throw new CodedError('WrongCluster', `A snapshot has the table ${name} where ${table.name} is expected`);
  }
  const { compare } = primaryKeyOf(table);
  let rows: RowOf[] = [];
  let last: RowOf | undefined;
  let count = 0;
  for (;;) {
    const length = (await source.take(4)).readUInt32BE();
    if (length === 0) break;
    if (length > ROW_BYTES_MAX) throw new CodedError('Corrupt', `A row of ${length} bytes in a snapshot`);
    const row = readRow(new ByteReader(await source.take(length)), table);
    if (last !== undefined && compare(last, row) >= 0) {
      throw new CodedError('Corrupt', `The rows of ${table.name} are not in order`);
    }
    rows.push(row);
    last = row;
    count++;
    if (rows.length === ROWS_PER_BATCH) {
      yield { table, rows };
      rows = [];
    }
  }
  if (rows.length > 0) yield { table, rows };
  const stated = new ByteReader(await source.take(6)).u48();
  if (stated !== count) throw new CodedError('Corrupt', `${table.name}: ${count} rows, not ${stated}`);
}

async function text(source: ChunkReader): Promise<string> {
  const prefix = await source.take(4);
  const length = prefix.readUInt32BE();
  if (length > HEADER_TEXT_BYTES_MAX) throw new CodedError('Corrupt', 'A name in a snapshot is too long');
  return new ByteReader(Buffer.concat([prefix, await source.take(length)])).text();
}
