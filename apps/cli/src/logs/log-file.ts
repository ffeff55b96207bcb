import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface LogFileLimits {
  /** Rotate once larger than this, in bytes. */
  readonly bytesMax: number;
  /** Files kept, the current one included. */
  readonly files: number;
}

const COPY_BYTES = 64 * 1024;

/**
 * A log that another process appends to through a descriptor of its own. So it is rotated by copying it
 * aside and emptying it in place (the writer's descriptor is in append mode and goes on at the new end).
 */
export class LogFile {
  readonly path: string;
  private readonly limits: LogFileLimits;

  constructor(path: string, limits: LogFileLimits) {
    this.path = path;
    this.limits = limits;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  }

  /** A descriptor for the writer; the caller closes its own copy. */
  openForAppend(): number {
    return openSync(this.path, 'a', 0o600);
  }

  /** Rotates if the limit is passed: FILE → FILE.1 → FILE.2 …; the oldest is removed. */
  rotateIfLarge(): boolean {
    const file = openSync(this.path, 'a+', 0o600);
    try {
      if (fstatSync(file).size <= this.limits.bytesMax) return false;
      const kept = this.limits.files - 1;
      rmSync(`${this.path}.${kept}`, { force: true });
      for (let age = kept - 1; age >= 1; age--)
        renameIfThere(`${this.path}.${age}`, `${this.path}.${age + 1}`);
      if (kept > 0) copyAll(file, `${this.path}.1`);
      ftruncateSync(file, 0);
      return true;
    } finally {
      closeSync(file);
    }
  }
}

/** Copies until the end holds still, so that only a line written in the last microseconds could be lost. */
function copyAll(from: number, toPath: string): void {
  const to = openSync(toPath, 'w', 0o600);
  try {
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (let at = 0; ;) {
      const bytes = readSync(from, buffer, 0, buffer.length, at);
      if (bytes === 0) return;
      writeSync(to, buffer, 0, bytes);
      at += bytes;
    }
  } finally {
    closeSync(to);
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
