import { parentPort, workerData } from 'node:worker_threads';
import { sqliteError } from './sqlite-errors.ts';
import { SqliteReader, type ReaderRequest } from './sqlite-reader.ts';

/** What comes back for each request. */
export type WorkerReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string };

/** The reader in a thread of its own; requests are answered in the order in which they come. */
const { path } = workerData as { path: string };
const reader = new SqliteReader(path);
const port = parentPort;
port?.on('message', ({ id, request }: { id: number; request: ReaderRequest | 'close' }) => {
  let reply: WorkerReply;
  try {
    if (request === 'close') {
      reader.close();
      port.postMessage({ id, ok: true, value: undefined } satisfies WorkerReply);
      port.close();
      return;
    }
    reply = { id, ok: true, value: reader.handle(request) };
  } catch (error) {
    const { code, message } = sqliteError(path, error);
    reply = { id, ok: false, code, message };
  }
  port.postMessage(reply);
});
