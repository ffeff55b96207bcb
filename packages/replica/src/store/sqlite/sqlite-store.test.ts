import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableSchema } from '../../state/schema.ts';
import { describeStoreCompliance } from '../../testing/store-compliance.ts';
import { sqliteStore } from './sqlite-store.ts';

describeStoreCompliance('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'everopen-sqlite-'));
  return {
    open: sqliteStore({ path: join(directory, 'store.db') }),
    persistent: true,
    constrained: true,
    dispose: () => rm(directory, { recursive: true }),
  };
});

const notes = (columns: string[]): TableSchema => ({
  name: 'notes',
  comment: 'Notes',
  columns: Object.fromEntries(
    columns.map((name) => [name, { type: 'integer', nullable: name !== 'id', comment: name } as const]),
  ),
  primaryKey: ['id'],
  resident: true,
});

describe('a SQLite file', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'everopen-sqlite-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('of an older version is migrated in numbered steps; one of a newer version is refused', async () => {
    const path = join(directory, 'migrated.db');
    const old = { cluster: 'c', epoch: 1, tables: [notes(['id'])] };
    const now = { cluster: 'c', epoch: 1, tables: [notes(['id', 'stars'])] };
    const migrations = [{ number: 2, statements: ['ALTER TABLE notes ADD COLUMN stars INTEGER'] }];
    const first = await sqliteStore({ path })(old);
    await first.write(1, [{ table: old.tables[0] as TableSchema, key: [1], row: { id: 1 } }]);
    await first.close();
    await expect(sqliteStore({ path })(now)).rejects.toMatchObject({ code: 'WrongCluster' });
    for (const round of [1, 2]) {
      const second = await sqliteStore({ path, migrations })(now);
      expect(second.position).toBe(1);
      for await (const rows of second.rows(now.tables[0] as TableSchema)) {
        expect([round, rows]).toEqual([round, [{ id: 1, stars: null }]]);
      }
      await second.close();
    }
    await expect(sqliteStore({ path })(old)).rejects.toMatchObject({ code: 'WrongCluster' });
    await expect(sqliteStore({ path, migrations: [{ number: 3, statements: [] }] })(now)).rejects.toThrow(
      'Migration 2 is missing',
    );
  });

  it('that is no database is Corrupt, and one that cannot be made is DiskFailed', async () => {
    const context = { cluster: 'c', epoch: 1, tables: [notes(['id'])] };
    const garbage = join(directory, 'garbage.db');
    await writeFile(garbage, 'This is a letter, not a database. '.repeat(100));
    await expect(sqliteStore({ path: garbage })(context)).rejects.toMatchObject({ code: 'Corrupt' });
    const nowhere = join(directory, 'missing', 'store.db');
    await expect(sqliteStore({ path: nowhere })(context)).rejects.toMatchObject({ code: 'DiskFailed' });
  });

  it('that may not grow is DiskFull: nothing changes, and the write succeeds once there is room', async () => {
    const path = join(directory, 'full.db');
    const table: TableSchema = {
      ...notes(['id']),
      columns: { id: { type: 'integer', comment: 'id' }, text: { type: 'text', comment: 'text' } },
    };
    const store = await sqliteStore({ path })({ cluster: 'c', epoch: 1, tables: [table] });
    const { database } = store as unknown as { database: { exec(sql: string): void } };
    database.exec('PRAGMA max_page_count = 20');
    const big = [1, 2, 3].map((id) => ({ table, key: [id], row: { id, text: 'x'.repeat(50_000) } }));
    await expect(store.write(1, big)).rejects.toMatchObject({ code: 'DiskFull' });
    expect(store.position).toBe(0);
    database.exec('PRAGMA max_page_count = 20000');
    await store.write(1, big);
    expect(store.position).toBe(1);
    await store.close();
  });
});
