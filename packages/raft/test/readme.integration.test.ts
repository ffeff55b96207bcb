import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

it('runs the example of the README', async () => {
  const [, example = ''] = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  // Ports of its own, so that it can run beside whatever uses those of the text.
  const base = 20_000 + (process.pid % 20_000);
  const code = example.replace(/\[7101, 7102, 7103\]/, `[${base}, ${base + 1}, ${base + 2}]`);
  const { stdout } = await promisify(execFile)('node', ['--input-type=module', '--eval', code], {
    cwd: root,
  });
  expect(stdout).toBe('ordered at 1\napplied hello\n');
});
