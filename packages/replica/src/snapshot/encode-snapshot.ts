import { createHash } from 'node:crypto';
import { ByteWriter } from '@everopen/core';
import { layoutOf } from '../replicated/digest-rows.ts';
import type { TableSchema } from '../state/schema.ts';
import type { StoreSnapshot } from '../store/store.ts';
import { writeRow } from './row-codec.ts';
import {
  CHUNK_BYTES,
  SNAPSHOT_HASH,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  type SnapshotHeader,
} from './snapshot-format.ts';

/** The bytes of a snapshot, read from the store as they are asked for; releases it at the end. */
export async function* encodeSnapshot(
  header: SnapshotHeader,
  schemas: readonly TableSchema[],
  snapshot: StoreSnapshot,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash(SNAPSHOT_HASH);
  const writer = new ByteWriter(CHUNK_BYTES * 2);
  const cut = (): Uint8Array => {
    const chunk = writer.finish();
    writer.reset();
    hash.update(chunk);
    return chunk;
  };
  try {
    writer.u32(SNAPSHOT_MAGIC).u8(SNAPSHOT_VERSION).text(header.cluster).u32(header.epoch);
    writer.u48(header.position).u16(schemas.length);
    for (const schema of schemas) {
      writer.text(schema.name).text(layoutOf(schema));
      let count = 0;
      for await (const rows of snapshot.rows(schema)) {
        for (const row of rows) {
          const at = writer.length;
          writeRow(writer.u32(0), schema, row);
          writer.patchU32(at, writer.length - at - 4);
          count++;
          if (writer.length >= CHUNK_BYTES) yield cut();
        }
      }
      writer.u32(0).u48(count);
    }
    yield cut();
    yield hash.digest();
  } finally {
    await snapshot.release();
  }
}
