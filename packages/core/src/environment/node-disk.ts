import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import type { Disk, DiskFile } from './disk.ts';

/** The real disk. */
export const nodeDisk: Disk = {
  open: async (path, options = {}) => {
    const flags =
      constants.O_RDWR |
      (options.create === true ? constants.O_CREAT : 0) |
      (options.exclusive === true ? constants.O_EXCL : 0);
    return nodeFile(path, await coded(path, open(path, flags, 0o600)));
  },
  rename: (from, to) => coded(from, rename(from, to)),
  remove: (path) => coded(path, rm(path)),
  list: async (directory) => (await coded(directory, readdir(directory))).sort(),
  makeDirectory: async (directory) => {
    const first = await coded(directory, mkdir(directory, { recursive: true, mode: 0o700 }));
    if (first === undefined) return;
    const topmost = resolve(first);
    let made = resolve(directory);
    await syncDirectory(dirname(made));
    while (made.length > topmost.length) await syncDirectory(dirname((made = dirname(made))));
  },
  syncDirectory,
};

async function syncDirectory(directory: string): Promise<void> {
  const handle = await coded(directory, open(directory, constants.O_RDONLY));
  try {
    await coded(directory, handle.sync());
  } finally {
    await handle.close();
  }
}

function nodeFile(path: string, handle: FileHandle): DiskFile {
  return {
    size: async () => (await coded(path, handle.stat())).size,
    read: async (offset, length) => {
      const buffer = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await coded(path, handle.read(buffer, done, length - done, offset + done));
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return buffer.subarray(0, done);
    },
    write: async (offset, bytes) => {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await coded(
          path,
          handle.write(bytes, done, bytes.length - done, offset + done),
        );
        done += bytesWritten;
      }
    },
    truncate: (length) => coded(path, handle.truncate(length)),
    sync: () => coded(path, handle.datasync()),
    close: () => coded(path, handle.close()),
  };
}

async function coded<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (cause) {
    const { code: errno, message } = cause as NodeJS.ErrnoException;
    const full = errno === 'ENOSPC' || errno === 'EDQUOT';
    const code = full ? 'DiskFull' : errno === 'ENOENT' ? 'NotFound' : 'DiskFailed';
    throw new CodedError(code, `${path}: ${message}`, { details: { path, errno }, cause });
  }
}
