import { join } from 'node:path';
import { CommandFailure, EXIT } from '../failure.ts';
import { CONTROL_SOCKET } from './control-protocol.ts';

/** The system's limit for the path of a Unix socket, less a margin for the takeover of a stale one. */
const PATH_BYTES_MAX = 90;

export function controlAddress(dataDirectory: string): string {
  const path = join(dataDirectory, CONTROL_SOCKET);
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path;
  throw new CommandFailure(
    EXIT.usage,
    `The path of the data folder is too long for the control socket: ${path} (at most ${PATH_BYTES_MAX} bytes)`,
  );
}
