import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@everopen/core';
import { writeFileDurably } from './write-file-durably.ts';

const FILE = 'founding.json';

/** Says in the data folder of each database replica, and of payment, to which marketplace it belongs. */
export interface FoundingMark {
  readonly version: 1;
  readonly clusterId: string;
  readonly member: string;
  /** Its storage has been made: from now on one that is missing or empty is lost. */
  readonly started?: true;
}

/** Where a component keeps its data. */
export function nodeDirectory(dataDirectory: string, member: string): string {
  return join(dataDirectory, 'nodes', member);
}

/** The component's own folder, beside the mark of its founding. */
export function storageDirectory(dataDirectory: string, member: string): string {
  return join(nodeDirectory(dataDirectory, member), 'storage');
}

export function writeFoundingMark(dataDirectory: string, mark: FoundingMark): void {
  const directory = nodeDirectory(dataDirectory, mark.member);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileDurably(join(directory, FILE), `${JSON.stringify(mark, null, 2)}\n`);
}

/**
 * A replica starts only in the folder that was founded for it, and with what it stored there. A folder that is gone,
 * or was emptied, or belongs to another marketplace is a lost disk or a mistake, and never filled anew: a voter that has
 * forgotten could vote twice. `WrongCluster`.
 */
export function throwUnlessFounded(dataDirectory: string, clusterId: string, member: string): void {
  const mark = readMark(dataDirectory, clusterId, member);
  const storage = storageDirectory(dataDirectory, member);
  if (mark.started !== true || hasFiles(storage)) return;
  throw new CodedError(
    'WrongCluster',
    `The data of ${member} is missing (nothing in ${storage}). A lost disk is not started empty: put the folder back, or restore a backup.`,
    { details: { member, path: storage } },
  );
}

/** To be called when a component has started for the first time. */
export function markStarted(dataDirectory: string, clusterId: string, member: string): void {
  const mark = readMark(dataDirectory, clusterId, member);
  if (mark.started !== true) writeFoundingMark(dataDirectory, { ...mark, started: true });
}

function readMark(dataDirectory: string, clusterId: string, member: string): FoundingMark {
  const path = join(nodeDirectory(dataDirectory, member), FILE);
  if (!existsSync(path)) {
    throw new CodedError(
      'WrongCluster',
      `The data of ${member} is missing (no ${path}). A lost disk is not started empty: put the folder back, or restore a backup.`,
      { details: { member, path } },
    );
  }
  let mark: Partial<FoundingMark>;
  try {
    mark = JSON.parse(readFileSync(path, 'utf8')) as Partial<FoundingMark>;
  } catch (cause) {
    throw new CodedError('WrongCluster', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (mark.version === 1 && mark.clusterId === clusterId && mark.member === member)
    return mark as FoundingMark;
  throw new CodedError(
    'WrongCluster',
    `${path} belongs to ${mark.member} of the marketplace ${mark.clusterId}, not to ${member} of ${clusterId}`,
    { details: { member, path } },
  );
}

function hasFiles(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).length > 0;
}
