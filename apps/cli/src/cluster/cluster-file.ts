import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cryptoRandom, formatUuid, uuidV7 } from '@everopen/core';
import type { Settings } from '../configuration/settings.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { nodeName } from '../topology/topology.ts';
import { CLUSTER_RECORD, type ClusterRecord } from './cluster-record.ts';
import { makeDataFolder } from './make-data-folder.ts';
import { writeFoundingMark } from './founding-mark.ts';
import { writeFileDurably } from './write-file-durably.ts';

const FILE = 'cluster.json';

/** The founding record of a data folder; undefined if nothing was ever founded there. */
export function readClusterRecord(dataDirectory: string): ClusterRecord | undefined {
  refuseOtherThanFolder(dataDirectory);
  const path = join(dataDirectory, FILE);
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) {
    throwIfOrphaned(dataDirectory);
    return undefined;
  }
  if (!status.isFile()) throw new CommandFailure(EXIT.usage, `${path} is not a file`);
  if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
    const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
    throw new CommandFailure(
      EXIT.usage,
      `${path} holds the keys of the marketplace, and others may read or change it (mode ${mode}). ` +
        `Make it yours alone: chmod 600 ${path}`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new CommandFailure(EXIT.usage, `${path} cannot be read: ${(cause as Error).message}`);
  }
  const result = CLUSTER_RECORD.safeParse(value);
  if (result.success) return result.data;
  // Never the value itself: it may be a key.
  const fields = result.error.issues.map((issue) => issue.path.join('.') || 'the record').join(', ');
  throw new CommandFailure(EXIT.usage, `${path} is damaged (${fields}). Restore it from a backup.`);
}

/**
 * Founds a marketplace: its id, its keys, its members. The marks of the replicas come first and the record,
 * which makes it count, last; a crash in between leaves marks without data, and founding starts over.
 */
export function foundCluster(dataDirectory: string, settings: Settings, nowUnixMs: number): ClusterRecord {
  makeDataFolder(dataDirectory);
  const members = (kind: 'customers-db' | 'products-db', count: number): string[] =>
    Array.from({ length: count }, (_, index) => nodeName(kind, index));
  const record: ClusterRecord = {
    version: 1,
    clusterId: formatUuid(uuidV7(nowUnixMs, cryptoRandom)),
    foundedAtUnixMs: nowUnixMs,
    customersDb: members('customers-db', settings.customersDbReplicas),
    productsDb: members('products-db', settings.productsDbReplicas),
    customersEngine: settings.customersEngine,
    productsEngine: settings.productsEngine,
    store: settings.store,
    currency: settings.currency,
    demo: settings.demo,
    clusterKey: randomBytes(32).toString('hex'),
    tokenSecret: randomBytes(32).toString('hex'),
  };
  for (const member of [...record.customersDb, ...record.productsDb, 'payment']) {
    writeFoundingMark(dataDirectory, { version: 1, clusterId: record.clusterId, member });
  }
  writeFileDurably(join(dataDirectory, FILE), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** The settings that a founding record fixes. */
export function foundedSettings(record: ClusterRecord) {
  return {
    customersDbReplicas: record.customersDb.length,
    productsDbReplicas: record.productsDb.length,
    customersEngine: record.customersEngine,
    productsEngine: record.productsEngine,
    store: record.store,
    currency: record.currency,
  };
}

/** Nothing there is fine: the first `up` makes it. */
function refuseOtherThanFolder(dataDirectory: string): void {
  let isFolder: boolean;
  try {
    isFolder = statSync(dataDirectory, { throwIfNoEntry: false })?.isDirectory() ?? true;
  } catch (cause) {
    const { message } = cause as Error;
    throw new CommandFailure(EXIT.usage, `The data folder ${dataDirectory} cannot be read: ${message}`, {
      cause,
    });
  }
  if (!isFolder) throw new CommandFailure(EXIT.usage, `The data folder ${dataDirectory} is not a folder`);
}

/** Data without a founding record is somebody's data: founding over it would bury it. */
function throwIfOrphaned(dataDirectory: string): void {
  let nodes: string[];
  try {
    nodes = readdirSync(join(dataDirectory, 'nodes'));
  } catch {
    return; // No such folder: nothing was ever here.
  }
  for (const node of nodes) {
    const files = readdirSync(join(dataDirectory, 'nodes', node)).filter(
      (file) => !file.startsWith('founding.json'),
    );
    if (files.length === 0) continue;
    throw new CommandFailure(
      EXIT.usage,
      `${dataDirectory} holds the data of ${node}, but ${FILE} is missing. Put it back from a backup, ` +
        `or choose another folder with --data.`,
    );
  }
}
