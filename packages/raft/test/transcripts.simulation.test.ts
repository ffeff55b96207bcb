import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runTranscript } from './transcripts/run-transcript.ts';

const folder = join(import.meta.dirname, 'transcripts');
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

/** `UPDATE=1` writes what happens now; read the difference before you keep it. */
describe('the story of', () => {
  it.each(files)('%s', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const played = runTranscript(text);
    if (process.env['UPDATE'] === '1') writeFileSync(join(folder, name), played);
    else expect(played).toBe(text);
  });
});
