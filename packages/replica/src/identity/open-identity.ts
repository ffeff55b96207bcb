import { CodedError, toHex, type Disk, type Random } from '@everopen/core';
import type { FoundingRecord, ReplicaIdentity } from './identity.ts';
import { readRecord, writeRecord } from './record-file.ts';

const FOUNDING = 'founding.json';
const STORAGE = 'storage.json';
const NAME_CHARS_MAX = 64;
const MEMBERS_MAX = 32;
const VERSION = 1;

export interface OpenIdentityOptions {
  readonly disk: Disk;
  /** The replica's data folder. */
  readonly directory: string;
  /** Who this replica is to be. */
  readonly member: string;
  /** If given, the folder must belong to this cluster. */
  readonly cluster?: string;
  readonly random: Random;
}

/**
 * Writes the founding record into a data folder, once: the first step in the life of a replica. Does
 * nothing if the same record is there. `WrongCluster` if another one is, and if there is none but the folder
 * is not empty: then it has lost its record, and nothing is ever begun anew by itself.
 */
export async function foundCluster(disk: Disk, directory: string, record: FoundingRecord): Promise<void> {
  assertRecord(record);
  await disk.makeDirectory(directory);
  const present = await readFounding(disk, directory);
  if (present === undefined) {
    await assertEmpty(disk, directory);
    const { cluster, epoch, members } = record;
    await writeRecord(disk, directory, FOUNDING, { version: VERSION, cluster, epoch, members });
  } else if (!isSame(present, record)) {
    throw new CodedError('WrongCluster', `${directory} belongs to the cluster ${present.cluster}`, {
      details: { directory, found: present, expected: record },
    });
  }
}

/**
 * Reads who a data folder belongs to, and makes it this member's at the first use. Rejects with `NotFound`
 * if the folder was never founded, `WrongCluster` if it is another cluster's or member's or has lost its
 * founding record, `Corrupt` if a record is damaged.
 */
export async function openIdentity(options: OpenIdentityOptions): Promise<ReplicaIdentity> {
  const { disk, directory, member, cluster, random } = options;
  await disk.makeDirectory(directory);
  const founding = await readFounding(disk, directory);
  if (founding === undefined) {
    await assertEmpty(disk, directory);
    throw new CodedError(
      'NotFound',
      `${directory} has no founding record: the cluster was never founded here`,
      {
        details: { directory },
      },
    );
  }
  if (cluster !== undefined && founding.cluster !== cluster) {
    throw new CodedError(
      'WrongCluster',
      `${directory} belongs to the cluster ${founding.cluster}, not ${cluster}`,
      {
        details: { directory, found: founding.cluster, expected: cluster },
      },
    );
  }
  const bootId = toHex(random.fill(new Uint8Array(8)));
  const storage = await readStorage(disk, directory);
  if (storage !== undefined) {
    if (storage.member !== member) {
      throw new CodedError(
        'WrongCluster',
        `${directory} belongs to the member ${storage.member}, not ${member}`,
        {
          details: { directory, found: storage.member, expected: member },
        },
      );
    }
    const { storageId, confirmed } = storage;
    return { ...founding, member, storageId, storageIsNew: !confirmed, bootId };
  }
  const storageId = toHex(random.fill(new Uint8Array(16)));
  await writeStorage(disk, directory, { member, storageId, confirmed: false });
  return { ...founding, member, storageId, storageIsNew: true, bootId };
}

/**
 * Says that this disk now holds what its member was begun with: call it once the log is open, before the
 * first command. From then on the storage is not new any more, and a log that is missing is lost.
 */
export async function confirmStorage(
  disk: Disk,
  directory: string,
  identity: ReplicaIdentity,
): Promise<void> {
  const { member, storageId, storageIsNew } = identity;
  if (storageIsNew) await writeStorage(disk, directory, { member, storageId, confirmed: true });
}

async function readFounding(disk: Disk, directory: string): Promise<FoundingRecord | undefined> {
  const path = `${directory}/${FOUNDING}`;
  const record = (await readRecord(disk, path)) as (FoundingRecord & { version: number }) | undefined;
  if (record === undefined) return undefined;
  assertVersion(path, record.version);
  const { cluster, epoch, members } = record;
  return { cluster, epoch, members };
}

interface StorageRecord {
  readonly member: string;
  readonly storageId: string;
  readonly confirmed: boolean;
}

/** In data folders made before there was `confirmed`, it is missing. */
type StoredStorage = Omit<StorageRecord, 'confirmed'> & { version: number; confirmed?: boolean };

async function readStorage(disk: Disk, directory: string): Promise<StorageRecord | undefined> {
  const path = `${directory}/${STORAGE}`;
  const record = (await readRecord(disk, path)) as StoredStorage | undefined;
  if (record === undefined) return undefined;
  assertVersion(path, record.version);
  const { member, storageId, confirmed = true } = record;
  return { member, storageId, confirmed };
}

async function writeStorage(disk: Disk, directory: string, record: StorageRecord): Promise<void> {
  await writeRecord(disk, directory, STORAGE, { version: VERSION, ...record });
}

function assertVersion(path: string, version: number): void {
  if (version === VERSION) return;
  throw new CodedError('WrongCluster', `${path} was made by another version (${version})`);
}

/** A draft of a record that a crash left behind is nothing yet. */
async function assertEmpty(disk: Disk, directory: string): Promise<void> {
  const others = (await disk.list(directory)).filter((name) => name !== `${FOUNDING}.new`);
  if (others.length > 0) {
    throw new CodedError('WrongCluster', `${directory} is not empty, but has no founding record`, {
      details: { directory, names: others.slice(0, 10) },
    });
  }
}

function assertRecord({ cluster, epoch, members }: FoundingRecord): void {
  assertName('cluster', cluster);
  for (const member of members) assertName('members', member);
  if (!Number.isSafeInteger(epoch) || epoch < 1 || epoch > 0xffffffff) bad('epoch', 'is a number from 1');
  if (members.length < 1 || members.length > MEMBERS_MAX) bad('members', `are 1 to ${MEMBERS_MAX}`);
  if (new Set(members).size !== members.length) bad('members', 'are all different');
}

function assertName(field: string, name: string): void {
  if (!/^[\w.:-]+$/.test(name) || name.length > NAME_CHARS_MAX) {
    bad(field, `is 1 to ${NAME_CHARS_MAX} letters, digits or . _ : -`);
  }
}

function bad(field: string, rule: string): never {
  throw new CodedError('InvalidArgument', `${field} ${rule}`, { details: { field } });
}

function isSame(a: FoundingRecord, b: FoundingRecord): boolean {
  return a.cluster === b.cluster && a.epoch === b.epoch && a.members.join() === b.members.join();
}
