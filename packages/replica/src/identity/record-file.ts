import { CodedError, crc32, isCodedError, type Disk } from '@everopen/core';

const BYTES_MAX = 64 * 1024;

/** A small record in a file of its own: a line of JSON, and a line with its CRC-32. Undefined if there is none. */
export async function readRecord(disk: Disk, path: string): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    const file = await disk.open(path);
    try {
      bytes = await file.read(0, Math.min(await file.size(), BYTES_MAX));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isCodedError(error, 'NotFound')) return undefined;
    throw error;
  }
  const [json = '', checksum = ''] = Buffer.from(bytes).toString().split('\n');
  if (checksum !== checksumOf(json)) {
    throw new CodedError('Corrupt', `${path} is damaged: its checksum is wrong`, { details: { path } });
  }
  return JSON.parse(json);
}

/** Writes the record so that after a crash there is all of it or none. */
export async function writeRecord(
  disk: Disk,
  directory: string,
  name: string,
  record: unknown,
): Promise<void> {
  const json = JSON.stringify(record);
  const bytes = Buffer.from(`${json}\n${checksumOf(json)}\n`);
  const draft = `${directory}/${name}.new`;
  const file = await disk.open(draft, { create: true });
  try {
    await file.truncate(0);
    await file.write(0, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, `${directory}/${name}`);
  await disk.syncDirectory(directory);
}

function checksumOf(json: string): string {
  return crc32(Buffer.from(json)).toString(16).padStart(8, '0');
}
