import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandFailure, EXIT } from '../failure.ts';

/** Makes the data folder, its missing parents too, for its owner alone. A folder that is there stays as it is. */
export function makeDataFolder(path: string): void {
  try {
    // One at a time: Node's recursive mkdir never returns where nothing can be made, such as below /proc.
    for (const folder of missing(path)) mkdirSync(folder, { mode: 0o700 });
    if (statSync(path).isDirectory()) return;
  } catch (cause) {
    const { message } = cause as Error;
    throw new CommandFailure(EXIT.usage, `The data folder ${path} cannot be made: ${message}`, { cause });
  }
  throw new CommandFailure(EXIT.usage, `The data folder ${path} is not a folder`);
}

/** What does not exist of the path, outermost first. */
function missing(path: string): string[] {
  const folders: string[] = [];
  for (
    let folder = path;
    statSync(folder, { throwIfNoEntry: false }) === undefined;
    folder = dirname(folder)
  ) {
    folders.unshift(folder);
  }
  return folders;
}
