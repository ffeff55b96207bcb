import { Worker } from 'node:worker_threads';
import { CodedError } from '@everopen/core';
import { SqliteReader, type ReaderRequest } from './sqlite-reader.ts';
import type { WorkerReply } from './sqlite-worker.ts';

/** Requests that may wait for the reader. */
const WAITING_MAX = 10_000;

/** The way to a `SqliteReader`, wherever it runs. */
export interface ReaderThread {
  /** Why it answers no more, if it ended though nobody closed it. */
  readonly failed: CodedError | undefined;
  ask(request: ReaderRequest): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Starts the reader in a worker thread. A worker needs a JavaScript file, so where the package runs from its
 * TypeScript sources (under a test runner), the same reader runs in this thread instead.
 */
export function startReader(path: string): ReaderThread {
  return import.meta.url.endsWith('.js') ? inWorker(path) : inThisThread(path);
}

function inThisThread(path: string): ReaderThread {
  const reader = new SqliteReader(path);
  let closed = false;
  return {
    failed: undefined,
    ask: async (request) => {
      if (closed) throw closedError();
      return reader.handle(request);
    },
    close: async () => {
      if (!closed) reader.close();
      closed = true;
    },
  };
}

function inWorker(path: string): ReaderThread {
  const worker = new Worker(new URL('./sqlite-worker.js', import.meta.url), {
    workerData: { path },
    // Flags of the program (a debugger, how a test runner finds modules) are not the reader's.
    execArgv: [],
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: CodedError): void }>();
  let ids = 0;
  let failed: CodedError | undefined;
  let closing = false;

  const fail = (error: CodedError): void => {
    failed ??= error;
    for (const waiter of waiting.values()) waiter.reject(failed);
    waiting.clear();
  };
  worker.on('message', (reply: WorkerReply) => {
    const waiter = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.ok) waiter?.resolve(reply.value);
    else waiter?.reject(new CodedError(reply.code, reply.message, { details: { path } }));
  });
  worker.on('error', (cause) => {
    fail(new CodedError('Internal', `The reader of ${path} failed: ${cause.message}`, { cause }));
  });
  worker.on('exit', (code) => {
    fail(closing ? closedError() : new CodedError('Internal', `The reader of ${path} ended (${code})`));
  });

  const post = (request: ReaderRequest | 'close'): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (failed !== undefined) throw failed;
      if (waiting.size >= WAITING_MAX && request !== 'close') {
        throw new CodedError('Overloaded', `Too many questions wait for the store (${WAITING_MAX})`, {
          details: { limit: WAITING_MAX },
        });
      }
      waiting.set(++ids, { resolve, reject });
      worker.postMessage({ id: ids, request });
    });

  return {
    get failed() {
      return failed;
    },
    ask: post,
    close: async () => {
      closing = true;
      if (failed === undefined) {
        const exited = new Promise((resolve) => worker.once('exit', resolve));
        await post('close');
        await exited;
      }
    },
  };
}

function closedError(): CodedError {
  return new CodedError('Closed', 'The store is closed');
}
