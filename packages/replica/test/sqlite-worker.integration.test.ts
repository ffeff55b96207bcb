import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeStoreCompliance } from '@everopen/replica/testing';
import type { sqliteStore as SqliteStore, TableSchema } from '@everopen/replica';

const BUILT = new URL('../dist/store/sqlite/sqlite-store.js', import.meta.url);

/** The store as it runs in production, from JavaScript: with its reader in a worker thread. */
describe.skipIf(!existsSync(BUILT))('built', () => {
  let sqliteStore: typeof SqliteStore;
  beforeAll(async () => {
    ({ sqliteStore } = (await import(BUILT.href)) as { sqliteStore: typeof SqliteStore });
  });

  describeStoreCompliance('SQLite (reader in a worker)', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'everopen-sqlite-'));
    return {
      open: sqliteStore({ path: join(directory, 'store.db') }),
      persistent: true,
      constrained: true,
      dispose: () => rm(directory, { recursive: true }),
    };
  });

  it('does not stop the calling thread while a query runs long', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'everopen-sqlite-'));
    const store = await sqliteStore({ path: join(directory, 'store.db') })({
      cluster: 'c',
      epoch: 1,
      tables: [],
    });
    const slow = {
      name: 'count to three million',
      sql: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) AS most FROM n',
      reference: () => [],
    };
    let turns = 0;
    let running = true;
    const answer = store.query(slow, []).finally(() => (running = false));
    while (running) {
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await answer).toEqual([{ most: 3_000_000 }]);
    expect(turns).toBeGreaterThan(100);
    await store.close();
    await rm(directory, { recursive: true });
  });

  it('takes no more writes once its reader is dead, and can be closed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'everopen-sqlite-'));
    const started = once(process, 'worker') as Promise<[Worker]>;
    const store = await sqliteStore({ path: join(directory, 'store.db') })({
      cluster: 'c',
      epoch: 1,
      tables: [PADDED],
    });
    const [worker] = await started;
    const dead = expect(store.snapshot()).rejects.toMatchObject({ code: 'Internal' });
    await worker.terminate();
    await dead;
    await expect(store.write(1, [])).rejects.toMatchObject({ code: 'Internal' });
    await store.close();
    await rm(directory, { recursive: true });
  });

  it('keeps its write-ahead file small, however steadily it is written to', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'everopen-sqlite-'));
    const path = join(directory, 'store.db');
    const store = await sqliteStore({ path })({ cluster: 'c', epoch: 1, tables: [PADDED] });
    let writing = true;
    const checkpoints = (async (): Promise<void> => {
      while (writing) await store.checkpoint();
    })();
    for (let position = 1; position <= 300; position++) {
      const changes = Array.from({ length: 100 }, (_, i) => {
        const id = (position * 7919 + i * 104729) % 100_000;
        return { table: PADDED, key: [id], row: { id, padding: 'x'.repeat(100) } };
      });
      await store.write(position, changes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    writing = false;
    await checkpoints;
    // About 0.4 MB are written each time; 120 MB in all.
    expect((await stat(`${path}-wal`)).size).toBeLessThan(60 * 2 ** 20);
    await store.close();
    await rm(directory, { recursive: true });
  });
});

const PADDED: TableSchema = {
  name: 'padded',
  comment: 'Rows that are written all over the file',
  columns: { id: { type: 'integer', comment: 'key' }, padding: { type: 'text', comment: 'bytes' } },
  primaryKey: ['id'],
  resident: false,
};
