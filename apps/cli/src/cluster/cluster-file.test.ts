import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings } from '../configuration/load-settings.ts';
import { foundCluster, foundedSettings, readClusterRecord } from './cluster-file.ts';
import { markStarted, nodeDirectory, storageDirectory, throwUnlessFounded } from './founding-mark.ts';

let data: string;
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'everopen-cluster-'))));
afterEach(() => rmSync(data, { recursive: true }));

const found = () =>
  foundCluster(data, loadSettings({ environment: { EVEROPEN_CURRENCY: 'USD' } }), 1_700_000_000_000);
const path = () => join(data, 'cluster.json');

describe('the founding record', () => {
  it('is written once and read again, with its keys, for its owner alone', () => {
    expect(readClusterRecord(data)).toBeUndefined();
    const record = found();
    expect(readClusterRecord(data)).toEqual(record);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(record.clusterKey).not.toBe(record.tokenSecret);
    expect(foundedSettings(record)).toMatchObject({ currency: 'USD', customersDbReplicas: 1 });
  });

  it('R1: a record of the first marketplaces, with one engine for both databases, keeps that engine', () => {
    const { customersEngine: _c, productsEngine: _p, ...record } = found();
    writeFileSync(path(), JSON.stringify({ ...record, productsDb: ['products-db-0'], engine: 'solo' }));
    const read = readClusterRecord(data);
    expect(read && foundedSettings(read)).toMatchObject({
      customersEngine: 'solo',
      productsEngine: 'solo',
      productsDbReplicas: 1,
    });
  });

  it('every marketplace has keys of its own', () => {
    const first = found();
    rmSync(data, { recursive: true });
    const second = found();
    expect(first.clusterId).not.toBe(second.clusterId);
    expect(first.clusterKey).not.toBe(second.clusterKey);
  });

  it.each([0o644, 0o640, 0o604, 0o622])(
    'X: keys that others may read or write are refused (mode %o)',
    (mode) => {
      found();
      chmodSync(path(), mode);
      expect(() => readClusterRecord(data)).toThrow(/chmod 600/);
    },
  );

  it('X: a symbolic link is not followed to the keys', () => {
    const record = found();
    rmSync(path());
    writeFileSync(join(data, 'elsewhere'), JSON.stringify(record), { mode: 0o600 });
    symlinkSync(join(data, 'elsewhere'), path());
    expect(() => readClusterRecord(data)).toThrow(/not a file/);
  });

  it('X: a damaged record is refused, without showing a key', () => {
    const record = found();
    writeFileSync(path(), JSON.stringify({ ...record, clusterKey: `${record.clusterKey.slice(1)}!` }));
    expect(() => readClusterRecord(data)).toThrow(/damaged \(clusterKey\)/);
    try {
      readClusterRecord(data);
    } catch (error) {
      expect((error as Error).message).not.toContain(record.clusterKey.slice(1, 10));
    }
    writeFileSync(path(), readFileSync(path()).subarray(0, 40));
    expect(() => readClusterRecord(data)).toThrow(/cannot be read/);
  });

  it('data without its founding record is not founded over', () => {
    found();
    mkdirSync(join(nodeDirectory(data, 'customers-db-0'), 'storage'));
    rmSync(path());
    expect(() => readClusterRecord(data)).toThrow(
      /holds the data of customers-db-0, but cluster.json is missing/,
    );
  });

  it('a founding that was interrupted before its record starts over', () => {
    found();
    rmSync(path());
    expect(readClusterRecord(data)).toBeUndefined();
    const again = found();
    expect(() => throwUnlessFounded(data, again.clusterId, 'products-db-0')).not.toThrow();
  });

  it('R1: a replica that has started once does not start again on an emptied disk', () => {
    const { clusterId } = found();
    const storage = storageDirectory(data, 'products-db-0');
    const start = () => throwUnlessFounded(data, clusterId, 'products-db-0');
    expect(start).not.toThrow();
    mkdirSync(storage);
    writeFileSync(join(storage, 'store.db'), '');
    markStarted(data, clusterId, 'products-db-0');
    expect(start).not.toThrow();
    rmSync(join(storage, 'store.db'));
    expect(start).toThrow(/lost disk/);
    rmSync(storage, { recursive: true });
    expect(start).toThrow(/lost disk/);
    expect(() => throwUnlessFounded(data, clusterId, 'products-db-1')).not.toThrow();
  });

  it('a replica whose folder is gone, or is another’s, does not start empty', () => {
    const { clusterId } = found();
    expect(() => throwUnlessFounded(data, clusterId, 'customers-db-0')).not.toThrow();
    expect(() => throwUnlessFounded(data, 'another', 'customers-db-0')).toThrow(
      /not to customers-db-0 of another/,
    );
    rmSync(nodeDirectory(data, 'customers-db-0'), { recursive: true });
    expect(() => throwUnlessFounded(data, clusterId, 'customers-db-0')).toThrow(/lost disk/);
  });
});
