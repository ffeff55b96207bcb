import { existsSync, readFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@everopen/core';
import { writeFileDurably } from './write-file-durably.ts';

const FILE = 'founding.json';

/** Says in the data folder of each database replica, and of payment, to which marketplace it belongs. */
export interface FoundingMark {
  readonly version: 1;
  readonly clusterId: string;
  readonly member: string;
}

/** Where a component keeps its data. */
export function nodeDirectory(dataDirectory: string, member: string): string {
  return join(dataDirectory, 'nodes', member);
}

export function writeFoundingMark(dataDirectory: string, mark: FoundingMark): void {
  const directory = nodeDirectory(dataDirectory, mark.member);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileDurably(join(directory, FILE), `${JSON.stringify(mark, null, 2)}\n`);
}

/**
 * A replica starts only in the folder that was founded for it. A folder that is gone or belongs to another
 * marketplace is a lost disk or a mistake, and never filled anew: `WrongCluster`.
 */
export function throwUnlessFounded(dataDirectory: string, clusterId: string, member: string): void {
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
  if (mark.version === 1 && mark.clusterId === clusterId && mark.member === member) return;
  throw new CodedError(
    'WrongCluster',
    `${path} belongs to ${mark.member} of the marketplace ${mark.clusterId}, not to ${member} of ${clusterId}`,
    { details: { member, path } },
  );
}
