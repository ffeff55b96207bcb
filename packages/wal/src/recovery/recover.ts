import { dirname } from 'node:path';
import { CodedError, type Disk } from '@everopen/core';
import {
  FAILURE_MARKER,
  isUnfinished,
  segmentName,
  segmentNumber,
  unfinishedName,
} from '../format/file-names.ts';
import { alignedUp, BATCH_ALIGNMENT, FRAME_KIND, singleFrame } from '../format/frame.ts';
import { SEGMENT_HEADER_BYTES } from '../format/segment-header.ts';
import type { Extents } from '../log/extents.ts';
import type { WalSettings } from '../log/settings.ts';
import { loadSegment } from '../segments/load-segment.ts';
import { createSegment, type Segment } from '../segments/segment.ts';
import { LogScan, type LogTail } from './log-scan.ts';
import { recodeFrames } from './recode-frames.ts';

export interface RecoveredLog {
  readonly extents: Extents;
  readonly last: number;
  /** Segments before the active one. */
  readonly sealed: readonly { readonly number: number; readonly bytes: number }[];
  readonly active: Segment;
  /** Whether the active segment ends with a marker. */
  readonly proven: boolean;
  readonly spare: Segment | undefined;
}

/**
 * Reads and judges everything first; only then changes the disk, in steps that may be cut short and repeated.
 *
 * The page cache is never trusted. Unless the segment in use ends with a marker, its end, or its very name, may
 * have been read from memory that never reached the disk (a killed process, a failed sync). So it is written
 * anew, without the remains of a batch cut short, into another file, which is synced before it takes the old one's
 * place. The marker comes later, from the running log: until then a crash of the recovery itself leads here again.
 */
export async function recover(disk: Disk, settings: WalSettings): Promise<RecoveredLog> {
  const { directory, identity, mutations, logger } = settings;
  const names = await disk.list(directory);
  const failedBefore = names.includes(FAILURE_MARKER);
  const numbers = names.flatMap((name) => segmentNumber(name) ?? []);
  if (numbers.length === 0 && !settings.create) throw noLog(directory);

  const chain = lastChain(numbers);
  const scan = new LogScan(directory, chain[0] ?? 1, mutations);
  const sizes = new Map<number, number>();
  for (const number of chain) {
    const { header, bytes } = await loadSegment(disk, directory, number, identity);
    sizes.set(number, header.bytes);
    scan.add(header, bytes);
  }
  scan.finish();

  const { tail } = scan;
  const proven = (tail.proven && !failedBefore) || mutations.trustPageCache === true;
  if (failedBefore) logger.warn({ directory }, 'A write or sync failed when the log was last open');
  for (const name of names) {
    const number = segmentNumber(name);
    const leftOver =
      number !== undefined && (number < (chain[0] ?? 1) || number > tail.segment + (proven ? 1 : 0));
    if (leftOver || isUnfinished(name)) await disk.remove(`${directory}/${name}`);
  }
  const sealed = chain.filter((number) => number < tail.segment);
  const active = await (sizes.size === 0 ? found : proven ? reopen : rewrite)(
    disk,
    settings,
    tail,
    scan.last,
  );
  try {
    if (!proven) await disk.syncDirectory(dirname(directory));
    const spare =
      proven && sizes.has(tail.segment + 1) ? await adopt(disk, settings, tail.segment + 1) : undefined;
    if (failedBefore) await disk.remove(`${directory}/${FAILURE_MARKER}`);
    if (!mutations.skipDirectorySync) await disk.syncDirectory(directory);
    return {
      extents: scan.extents,
      last: scan.last,
      sealed: sealed.map((number) => ({ number, bytes: sizes.get(number) as number })),
      active,
      proven,
      spare,
    };
  } catch (error) {
    await Promise.allSettled([active.file.close()]);
    throw error;
  }
}

function found(disk: Disk, settings: WalSettings): Promise<Segment> {
  const { directory, identity, segmentBytes, random, mutations } = settings;
  return createSegment(disk, random, { directory, number: 1, bytes: segmentBytes, identity }, mutations);
}

/**
 * Goes on in a segment that ends with a marker: all before it is on the disk. The marker itself may not be, and
 * a hole would look like damage later; so it is written again, where it is.
 */
async function reopen(disk: Disk, settings: WalSettings, tail: LogTail, last: number): Promise<Segment> {
  const segment = await openSegment(disk, settings, tail.segment, alignedUp(tail.end, BATCH_ALIGNMENT));
  if (tail.lastBatch < tail.end && !settings.mutations.trustPageCache) {
    await segment.file.write(tail.lastBatch, marker(segment.salt, tail.lastBatch, last));
    await segment.file.sync();
  }
  return segment;
}

async function rewrite(disk: Disk, settings: WalSettings, tail: LogTail, last: number): Promise<Segment> {
  const { directory, identity, random, mutations, logger } = settings;
  logger.info({ directory, ...tail, last }, 'The log was not closed: writing its last segment anew');
  const { header, bytes } = await loadSegment(disk, directory, tail.segment, identity);
  if (mutations.keepTornTail) {
    const old = await openSegment(disk, settings, tail.segment, alignedUp(tail.end, BATCH_ALIGNMENT));
    await old.file.write(SEGMENT_HEADER_BYTES, bytes.subarray(SEGMENT_HEADER_BYTES, tail.end));
    await old.file.sync();
    return old;
  }
  const next = alignedUp(tail.end, BATCH_ALIGNMENT);
  const segment = await createSegment(
    disk,
    random,
    { directory, number: header.number, bytes: header.bytes, identity },
    mutations,
    (salt) => recodeFrames(bytes, tail.end, header.salt, salt),
  );
  segment.offset = next;
  return segment;
}

/**
 * Takes over a segment that was prepared and never used. If the sync of its name failed, the name may be in the
 * cache only, and no later sync would save it; a new name is saved by the next one.
 */
async function adopt(disk: Disk, settings: WalSettings, number: number): Promise<Segment> {
  const name = `${settings.directory}/${segmentName(number)}`;
  const unfinished = `${settings.directory}/${unfinishedName(number)}`;
  await disk.rename(name, unfinished);
  await disk.rename(unfinished, name);
  return openSegment(disk, settings, number, SEGMENT_HEADER_BYTES);
}

async function openSegment(
  disk: Disk,
  settings: WalSettings,
  number: number,
  offset: number,
): Promise<Segment> {
  const { header } = await loadSegment(disk, settings.directory, number, settings.identity);
  const file = await disk.open(`${settings.directory}/${segmentName(number)}`);
  return { number, file, salt: header.salt, bytes: header.bytes, offset };
}

/** Says: all before `offset` is synced. */
function marker(salt: number, offset: number, last: number): Buffer {
  return singleFrame(FRAME_KIND.synced, { salt, offset }, last);
}

function noLog(directory: string): CodedError {
  return new CodedError('NotFound', `There is no log in ${directory}, and none is to be made`, {
    details: { directory },
  });
}

/** The numbers behind the last gap. What stands before it was being removed. */
function lastChain(numbers: readonly number[]): number[] {
  const sorted = numbers.toSorted((a, b) => a - b);
  const gap = sorted.findLastIndex((number, at) => at > 0 && number !== (sorted[at - 1] as number) + 1);
  return sorted.slice(Math.max(0, gap));
}
