import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CommandFailure, EXIT } from '../failure.ts';

export const SCRIPT_BYTES_MAX = 4 * 2 ** 20;

/** The lines of a script file, or of standard input (`-`), as they come. */
export async function* readScript(path: string): AsyncGenerator<string> {
  if (path !== '-') {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) throw new CommandFailure(EXIT.usage, `There is no script ${path}`);
    if (!status.isFile() || status.size > SCRIPT_BYTES_MAX) {
      throw new CommandFailure(EXIT.usage, `${path} is no script: a file of at most 4 MiB`);
    }
  }
  const input = path === '-' ? process.stdin : createReadStream(path, 'utf8');
  let bytes = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > SCRIPT_BYTES_MAX) throw new CommandFailure(EXIT.usage, 'A script has at most 4 MiB');
    yield line;
  }
}
