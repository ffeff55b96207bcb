import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'everopen-log-'))));
afterEach(() => rmSync(directory, { recursive: true }));

it('a log is rotated under its writer, which goes on; the oldest file is removed', () => {
  const path = join(directory, 'payment.log');
  const log = new LogFile(path, { bytesMax: 10, files: 3 });
  const writer = log.openForAppend();
  const written: boolean[] = [];
  for (const text of ['short\n', 'first long line\n', 'second long line\n', 'third long line\n', 'end\n']) {
    writeSync(writer, text);
    written.push(log.rotateIfLarge());
  }
  closeSync(writer);
  expect(written).toEqual([false, true, true, true, false]);
  expect(readFileSync(path, 'utf8')).toBe('end\n');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('third long line\n');
  expect(readFileSync(`${path}.2`, 'utf8')).toBe('second long line\n');
  expect(existsSync(`${path}.3`)).toBe(false);
});

it('with one file to keep, the log is emptied', () => {
  const log = new LogFile(join(directory, 'x.log'), { bytesMax: 1, files: 1 });
  const writer = log.openForAppend();
  writeSync(writer, 'much\n');
  closeSync(writer);
  expect(log.rotateIfLarge()).toBe(true);
  expect(readFileSync(log.path, 'utf8')).toBe('');
  expect(existsSync(`${log.path}.1`)).toBe(false);
});
