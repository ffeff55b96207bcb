import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { CodedError } from '@everopen/core';
import type { StoreContext } from '../store.ts';
import { createTable, schemaFingerprint, STORE_TABLES } from './sqlite-schema.ts';

/**
 * A numbered change of the schema. Number 1 is made from the table schemas; a change to them after a release
 * comes with the next number and the statements that turn the old tables into the new ones.
 */
export interface SqliteMigration {
  /** 2, 3 … without gaps. */
  readonly number: number;
  readonly statements: readonly string[];
}

/**
 * Brings the database to the newest schema, in one transaction. `WrongCluster` if it belongs to another
 * cluster or epoch, was made by a newer version, or has tables other than those asked for.
 */
export function migrate(
  database: DatabaseSyncInstance,
  context: StoreContext,
  migrations: readonly SqliteMigration[],
): void {
  migrations.forEach(({ number }, i) => {
    if (number !== i + 2) throw new TypeError(`Migration ${i + 2} is missing before ${number}`);
  });
  const newest = 1 + migrations.length;
  const fingerprint = schemaFingerprint(context.tables);
  database.exec('BEGIN IMMEDIATE');
  try {
    if (isEmpty(database)) {
      for (const statement of [...STORE_TABLES, ...context.tables.flatMap(createTable)]) {
        database.exec(statement);
      }
      setFact(database, 'cluster', context.cluster);
      setFact(database, 'epoch', String(context.epoch));
      setFact(database, 'migration', String(newest));
      setFact(database, 'tables', fingerprint);
    } else {
      expectFact(database, 'cluster', context.cluster);
      expectFact(database, 'epoch', String(context.epoch));
      const present = Number(fact(database, 'migration'));
      if (present > newest) {
        throw new CodedError('WrongCluster', `The store was made by a newer version (schema ${present})`, {
          details: { found: present, newest },
        });
      }
      for (const { statements } of migrations.slice(present - 1)) {
        for (const statement of statements) database.exec(statement);
      }
      if (present < newest) {
        setFact(database, 'migration', String(newest));
        setFact(database, 'tables', fingerprint);
      }
      expectFact(database, 'tables', fingerprint);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function isEmpty(database: DatabaseSyncInstance): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function fact(database: DatabaseSyncInstance, name: string): string {
  const row = database.prepare('SELECT value FROM store_facts WHERE name = ?').get(name);
  return (row as { value: string } | undefined)?.value ?? '';
}

function setFact(database: DatabaseSyncInstance, name: string, value: string): void {
  database.prepare('INSERT OR REPLACE INTO store_facts VALUES (?, ?)').run(name, value);
}

function expectFact(database: DatabaseSyncInstance, name: string, expected: string): void {
  const found = fact(database, name);
  if (found !== expected) {
    throw new CodedError('WrongCluster', `The store has another ${name}: ${found}, not ${expected}`, {
      details: { fact: name, found, expected },
    });
  }
}
