import { CodedError, type Disk, type DiskFile } from '@everopen/core';
import { segmentName } from '../format/file-names.ts';
import {
  alignedUp,
  BATCH_ALIGNMENT,
  FRAME_ALIGNMENT,
  FRAME_KIND,
  payloadAt,
  readFrame,
} from '../format/frame.ts';
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../format/segment-header.ts';
import { corrupt } from '../recovery/corrupt.ts';
import type { Extent, Extents } from './extents.ts';
import type { Sequence, WalRecord } from './write-ahead-log.ts';

export interface ReadableLog {
  readonly disk: Disk;
  readonly directory: string;
  readonly extents: Extents;
  /** What can be read now. */
  range(): { readonly first: Sequence; readonly durable: Sequence };
}

/** See `WriteAheadLog.read`. */
export async function* readRecords(log: ReadableLog, from: Sequence): AsyncGenerator<readonly WalRecord[]> {
  if (!Number.isSafeInteger(from) || from < 1) {
    throw new CodedError('InvalidArgument', `Records are numbered from 1; ${from} is none`, {
      details: { field: 'from' },
    });
  }
  let next = from;
  if (next < log.range().first) throw dropped(next, log.range().first);
  while (next <= log.range().durable) {
    const found = log.extents.find(next);
    if (!found) throw dropped(next, log.range().first);
    const extent = { ...found };
    const version = log.extents.version;
    const records = await tryRead(log, extent, version, next);
    // Records were dropped while we read: look again at what there is now.
    if (!records || version !== log.extents.version) continue;
    const { durable: lastDurable } = log.range();
    const durable = records.filter((record) => record.sequence <= lastDurable);
    if (durable.length === 0) return;
    yield durable;
    next = (durable.at(-1) as WalRecord).sequence + 1;
  }
}

async function tryRead(
  log: ReadableLog,
  extent: Extent,
  version: number,
  from: Sequence,
): Promise<WalRecord[] | undefined> {
  const path = `${log.directory}/${segmentName(extent.segment)}`;
  let file: DiskFile | undefined;
  try {
    file = await log.disk.open(path);
    const header = decodeSegmentHeader(toBuffer(await file.read(0, SEGMENT_HEADER_BYTES)));
    const bytes = toBuffer(await file.read(extent.offset, extent.end - extent.offset));
    if (version !== log.extents.version) return undefined;
    if (typeof header === 'string') throw corrupt(`${path} ${header}`, { file: path, offset: 0 });
    return decodeExtent(bytes, extent, header.salt, from, path);
  } catch (error) {
    if (version !== log.extents.version) return undefined;
    throw error;
  } finally {
    await file?.close();
  }
}

/** The live records of an extent from `from` on. Every one of them must be there. */
function decodeExtent(
  bytes: Buffer,
  extent: Extent,
  salt: number,
  from: Sequence,
  path: string,
): WalRecord[] {
  const records: WalRecord[] = [];
  let expected = extent.first;
  for (let at = 0; expected <= extent.last;) {
    const frame = readFrame(bytes, at, salt, extent.offset);
    if (!frame || (frame.kind === FRAME_KIND.record && frame.sequence !== expected)) {
      const nextBatch = alignedUp(extent.offset + at, BATCH_ALIGNMENT) - extent.offset;
      if (!frame && nextBatch > at) {
        at = nextBatch;
        continue;
      }
      const offset = extent.offset + at;
      throw corrupt(
        `${path} is damaged at offset ${offset}: records ${expected} … ${extent.last} cannot be read`,
        {
          file: path,
          offset,
          firstSequence: expected,
          lastSequence: extent.last,
        },
      );
    }
    if (frame.kind === FRAME_KIND.record) {
      const { sequence, type } = frame;
      if (sequence >= from) records.push({ sequence, type, payload: payloadAt(bytes, at) });
      expected++;
    }
    at = alignedUp(frame.end, FRAME_ALIGNMENT) - extent.offset;
  }
  return records;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function dropped(sequence: Sequence, first: Sequence): CodedError {
  return new CodedError(
    'NotFound',
    `Record ${sequence} is no longer in the log, which begins with ${first}`,
    {
      details: { sequence, first },
    },
  );
}
