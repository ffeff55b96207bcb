import { chmodSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { CodedError, isCodedError } from '@everopen/core';
import {
  CONTROL_CONNECTIONS_MAX,
  CONTROL_LINE_BYTES_MAX,
  CONTROL_REQUEST,
  type ControlAnswer,
  type ControlRequest,
} from './control-protocol.ts';
import { LineReader } from './line-reader.ts';

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Listens on the control socket, which is also the lock of the data folder: `InUse` if a supervisor answers
 * there. A socket that nobody answers was left by one that was killed, and is taken over.
 */
export async function startControlServer(
  path: string,
  answer: (request: ControlRequest) => Promise<unknown>,
): Promise<ControlServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, answer);
  });
  server.maxConnections = CONTROL_CONNECTIONS_MAX;
  await takePath(server, path);
  chmodSync(path, 0o600);
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroySoon();
      await closed;
    },
  };
}

async function takePath(server: Server, path: string): Promise<void> {
  if (await listen(server, path)) return;
  if (!(await isAnswered(path))) {
    await removeStale(path);
    if (await listen(server, path)) return;
  }
  throw new CodedError('InUse', `A marketplace is running on this data folder already (${path} answers)`);
}

/** Moved aside first and looked at again: another newcomer may have taken the path over just now. */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // The other newcomer was quicker.
    throw error;
  }
  if (await isAnswered(aside)) renameSync(aside, path);
  else rmSync(aside);
}

/** False if something is at that path. */
function listen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(path, () => {
      server.removeAllListeners('error');
      resolve(true);
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function serve(socket: Socket, answer: (request: ControlRequest) => Promise<unknown>): void {
  const reader = new LineReader(CONTROL_LINE_BYTES_MAX);
  // The other side may go at any time; its request is carried out all the same.
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    let lines: string[];
    try {
      lines = reader.push(bytes);
    } catch {
      socket.destroy();
      return;
    }
    for (const line of lines) void answerLine(socket, line, answer);
  });
}

async function answerLine(
  socket: Socket,
  line: string,
  answer: (request: ControlRequest) => Promise<unknown>,
): Promise<void> {
  let id = 0;
  let reply: ControlAnswer;
  try {
    const request = CONTROL_REQUEST.safeParse(JSON.parse(line));
    if (!request.success) throw new CodedError('InvalidArgument', 'Not a request of the control protocol');
    id = request.data.id;
    reply = { id, result: (await answer(request.data)) ?? null };
  } catch (error) {
    const code = isCodedError(error) ? error.code : 'Internal';
    reply = { id, error: { code, message: (error as Error).message } };
  }
  if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
}
