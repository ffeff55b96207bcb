import type { Random } from '@everopen/core';
import { SECTOR_BYTES, type Fates, type Unsynced } from './volume.ts';

export interface CrashCase {
  /** What survives, in words. */
  readonly name: string;
  readonly fates: Fates;
}

export interface CrashCaseOptions {
  /** Tears of the last write at random bytes. Default: 32. */
  readonly randomTears?: number;
  /** Random subsets of the unsynced changes. Default: 20. */
  readonly randomSubsets?: number;
}

/**
 * The ways in which a power failure may turn out: nothing unsynced survives, everything, each change alone, all
 * but one; contents without names and names without contents; the last write torn at every sector border and at
 * random bytes, with and without the sector at the tear being destroyed; random subsets.
 */
export function* crashCases(
  unsynced: readonly Unsynced[],
  random: Random,
  options: CrashCaseOptions = {},
): Generator<CrashCase> {
  const { randomTears = 32, randomSubsets = 20 } = options;
  yield { name: 'nothing unsynced survives', fates: () => 'lost' };
  if (unsynced.length === 0) return;
  yield { name: 'everything survives', fates: () => 'kept' };
  yield { name: 'names without contents', fates: (change) => ('path' in change ? 'kept' : 'lost') };
  yield { name: 'contents without names', fates: (change) => ('path' in change ? 'lost' : 'kept') };
  if (unsynced.length > 1) {
    for (let one = 0; one < unsynced.length; one++) {
      const label = describe(unsynced[one] as Unsynced);
      yield { name: `only ${label}`, fates: (_, index) => (index === one ? 'kept' : 'lost') };
      yield { name: `all but ${label}`, fates: (_, index) => (index === one ? 'lost' : 'kept') };
    }
  }
  yield* tears(unsynced, random, randomTears);
  if (unsynced.length < 2) return;
  for (let i = 0; i < randomSubsets; i++) {
    const kept = unsynced.map(() => random.chance(0.5));
    yield {
      name: `subset ${kept.map(Number).join('')}`,
      fates: (_, index) => (kept[index] ? 'kept' : 'lost'),
    };
  }
}

function* tears(unsynced: readonly Unsynced[], random: Random, randomTears: number): Generator<CrashCase> {
  const torn = unsynced.findLastIndex(({ kind }) => kind === 'write');
  const write = unsynced[torn];
  if (write?.kind !== 'write' || write.bytes.length < 2) return;
  const { length } = write.bytes;
  const places = new Set<number>();
  for (let at = SECTOR_BYTES - (write.offset % SECTOR_BYTES); at < length; at += SECTOR_BYTES) places.add(at);
  for (let i = 0; i < randomTears; i++) places.add(1 + random.below(length - 1));
  for (const keptBytes of places) {
    for (const destroyed of [false, true]) {
      yield {
        name: `${describe(write)} torn after ${keptBytes} bytes${destroyed ? ', the sector destroyed' : ''}`,
        fates: (_, index) => (index === torn ? { keptBytes, destroyed } : index < torn ? 'kept' : 'lost'),
      };
    }
  }
}

function describe(change: Unsynced): string {
  switch (change.kind) {
    case 'write':
      return `the write of ${change.bytes.length} bytes at ${change.offset}`;
    case 'truncate':
      return `the truncation to ${change.length}`;
    default:
      return `${change.kind} ${change.path}`;
  }
}
