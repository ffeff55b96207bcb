import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCodedError, seededRandom } from '@everopen/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowChange, RowOf, TableSchema } from '../state/schema.ts';
import { memoryStore } from '../store/memory/memory-store.ts';
import { sqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { decodeSnapshot } from './decode-snapshot.ts';
import { encodeSnapshot } from './encode-snapshot.ts';

const THINGS: TableSchema = {
  name: 'things',
  comment: 'Things',
  columns: {
    name: { type: 'text', comment: 'name' },
    number: { type: 'integer', comment: 'number' },
    picture: { type: 'bytes', nullable: true, comment: 'picture' },
  },
  primaryKey: ['name', 'number'],
  resident: true,
};
const EMPTY: TableSchema = { ...THINGS, name: 'empty' };
const SCHEMAS = [THINGS, EMPTY];
const CONTEXT = { cluster: 'c', epoch: 1, tables: SCHEMAS };
const HEADER = { cluster: 'c', epoch: 1, position: 9 };

const random = seededRandom(5);
const rows: RowOf[] = Array.from({ length: 1500 }, (_, i) => ({
  name: random.pick(['a', 'Z', 'ä', '\u{1f600}', '\uffee', '', 'long '.repeat(20)]),
  number: i - 700,
  picture: i % 3 === 0 ? null : random.fill(new Uint8Array(random.below(200))),
}));

async function bytesOf(store: Store): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeSnapshot(HEADER, SCHEMAS, await store.snapshot())) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function decode(bytes: Uint8Array, chunkBytes: number, header = HEADER): Promise<RowOf[]> {
  const chunks = async function* (): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const decoded: RowOf[] = [];
  for await (const each of decodeSnapshot(header, SCHEMAS, chunks())) decoded.push(...each.rows);
  return decoded;
}

describe('a snapshot', () => {
  let directory: string;
  let memory: Store;
  let sqlite: Store;
  let bytes: Buffer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'everopen-snapshot-'));
    memory = await memoryStore(CONTEXT);
    sqlite = await sqliteStore({ path: join(directory, 'store.db') })(CONTEXT);
    const changes = rows.map((row): RowChange => ({
      table: THINGS,
      key: [row['name'] ?? '', row['number'] ?? 0],
      row,
    }));
    await memory.write(9, changes);
    await sqlite.write(9, changes.toReversed());
    bytes = await bytesOf(memory);
  });
  afterAll(async () => {
    await sqlite.close();
    await rm(directory, { recursive: true });
  });

  it('has the same bytes from every store, whatever way the rows came', async () => {
    expect((await bytesOf(sqlite)).equals(bytes)).toBe(true);
  });

  it('gives every row back, however its bytes were cut', async () => {
    for (const chunkBytes of [1, 7, 1000, 10_000_000]) {
      const decoded = await decode(bytes, chunkBytes);
      expect(decoded).toHaveLength(rows.length);
      const copy = await memoryStore(CONTEXT);
      await copy.replace(9, tables(decoded));
      expect((await bytesOf(copy)).equals(bytes)).toBe(true);
    }
  });

  it('is refused when any byte is changed, and when it is cut short or goes on', async () => {
    const length = bytes.length;
    for (let i = 0; i < 300; i++) {
      const damaged = Buffer.from(bytes);
      const at = i < 60 ? i : i < 120 ? length - 1 - (i - 60) : random.below(length);
      damaged[at] = (damaged[at] as number) ^ (1 + random.below(255));
      const error = await decode(damaged, 4096).catch((thrown: unknown) => thrown);
      expect([at, isCodedError(error) && ['Corrupt', 'WrongCluster'].includes(error.code)]).toEqual([
        at,
        true,
      ]);
    }
    for (const cut of [0, 1, 40, 5000, length - 33, length - 32, length - 1]) {
      await expect(decode(bytes.subarray(0, cut), 4096)).rejects.toMatchObject({ code: 'Corrupt' });
    }
    const longer = Buffer.concat([bytes, Buffer.from([0])]);
    await expect(decode(longer, 4096)).rejects.toMatchObject({ code: 'Corrupt' });
  });

  it('is refused when it is of another cluster, epoch, position or set of tables', async () => {
    for (const change of [{ cluster: 'd' }, { epoch: 2 }, { position: 8 }]) {
      await expect(decode(bytes, 4096, { ...HEADER, ...change })).rejects.toMatchObject({
        code: 'WrongCluster',
      });
    }
    const renamed = [{ ...THINGS, name: 'other' }, EMPTY];
    const reading = (async () => {
      const chunks = (async function* () {
        yield bytes;
      })();
      for await (const each of decodeSnapshot(HEADER, renamed, chunks)) expect(each.rows).toEqual([]);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'WrongCluster' });
  });
});

async function* tables(decoded: readonly RowOf[]) {
  yield { table: THINGS, rows: decoded };
}
