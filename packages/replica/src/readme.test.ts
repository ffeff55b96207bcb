import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countTo } from '../test/readme-example.ts';

describe('the README', () => {
  it('has an example that runs: the file it is copied from, word for word', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const example = await readFile(new URL('../test/readme-example.ts', import.meta.url), 'utf8');
    expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
    const directory = await mkdtemp(join(tmpdir(), 'everopen-readme-'));
    expect(await countTo(directory, 3)).toBe(1);
    expect(await countTo(directory, 2)).toBe(2);
    await rm(directory, { recursive: true });
  });
});
