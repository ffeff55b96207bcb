import { CodedError, type Disk } from '@everopen/core';
import { segmentName } from '../format/file-names.ts';
import { decodeSegmentHeader, type SegmentHeader } from '../format/segment-header.ts';
import { corrupt } from '../recovery/corrupt.ts';

/** Reads a segment's whole file and checks its header: `Corrupt`, or `WrongCluster` for another's log. */
export async function loadSegment(
  disk: Disk,
  directory: string,
  number: number,
  identity: Uint8Array,
): Promise<{ header: SegmentHeader; bytes: Buffer }> {
  const path = `${directory}/${segmentName(number)}`;
  const file = await disk.open(path);
  try {
    const read = await file.read(0, await file.size());
    const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
    const header = decodeSegmentHeader(bytes);
    if (typeof header === 'string') throw corrupt(`${path} ${header}`, { file: path, offset: 0 });
    if (!Buffer.from(header.identity).equals(identity)) {
      throw new CodedError('WrongCluster', `${path} belongs to the log of another cluster, member or disk`, {
        details: { file: path },
      });
    }
    if (header.number !== number || header.bytes !== bytes.length) {
      throw corrupt(
        `${path} is ${bytes.length} bytes long and says that it is segment ${header.number} of ${header.bytes} bytes`,
        { file: path, offset: 0 },
      );
    }
    return { header, bytes };
  } finally {
    await file.close();
  }
}
