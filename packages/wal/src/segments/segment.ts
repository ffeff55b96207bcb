import type { Disk, DiskFile, Random } from '@everopen/core';
import { segmentName, unfinishedName } from '../format/file-names.ts';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../format/segment-header.ts';
import type { WalMutations } from '../mutations.ts';

/** A segment's file, open for appending. */
export interface Segment {
  readonly number: number;
  readonly file: DiskFile;
  readonly salt: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Where the next batch goes. */
  offset: number;
}

export interface SegmentPlan {
  readonly directory: string;
  readonly number: number;
  readonly bytes: number;
  readonly identity: Uint8Array;
}

const ZEROS = Buffer.alloc(1024 * 1024);

/**
 * Makes a segment: its whole size is written and synced under another name, and then it gets its own. So a
 * file that has a segment's name is complete, whatever crash came between; and appending to it later changes
 * no metadata, which makes each sync about half as dear as in a file that grows.
 *
 * Replaces a segment that has the number already, in one step.
 *
 * @param content gives what stands behind the header, for the salt of this file
 */
export async function createSegment(
  disk: Disk,
  random: Random,
  plan: SegmentPlan,
  mutations: WalMutations,
  content: (salt: number) => Buffer = () => Buffer.alloc(0),
): Promise<Segment> {
  const { directory, number, bytes, identity } = plan;
  const salt = random.uint32();
  const unfinished = `${directory}/${unfinishedName(number)}`;
  const finished = `${directory}/${segmentName(number)}`;
  const file = await disk.open(unfinished, { create: true, exclusive: true });
  try {
    const front = Buffer.concat([encodeSegmentHeader({ number, bytes, salt, identity }), content(salt)]);
    await file.write(0, front);
    for (let at = front.length; at < bytes; at += ZEROS.length) {
      await file.write(at, ZEROS.subarray(0, Math.min(ZEROS.length, bytes - at)));
    }
    if (mutations.nameBeforeContents) {
      await disk.rename(unfinished, finished);
      await disk.syncDirectory(directory);
      await file.sync();
    } else {
      await file.sync();
      await disk.rename(unfinished, finished);
      if (!mutations.skipDirectorySync) await disk.syncDirectory(directory);
    }
    return { number, file, salt, bytes, offset: SEGMENT_HEADER_BYTES };
  } catch (error) {
    await abandon(disk, file, unfinished);
    throw error;
  }
}

/** Gives back the space of a file that could not be completed, as far as the disk lets us. */
async function abandon(disk: Disk, file: DiskFile, path: string): Promise<void> {
  await Promise.allSettled([file.close(), disk.remove(path)]);
}
