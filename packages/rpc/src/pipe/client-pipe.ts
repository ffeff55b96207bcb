import { CodedError, type Clock } from '@everopen/core';
import type { Client, ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js';
import { fromServiceError } from '../errors/service-error.ts';
import { CALLS_MESSAGE_BYTES, frameBatcher } from './frame-batcher.ts';
import { readAnswers, writeCall, type CallFrame } from './frames.ts';
import { PIPE_METHOD } from './pipe-method.ts';

/** Waiting calls are looked at so often; none has a timer of its own. */
const TIMEOUT_CHECK_MS = 10;
/** Room in a message for what a frame has beside its request. */
const FRAME_OVERHEAD_BYTES = 1024;
const REQUEST_MAX_BYTES = 64 * 1024 - CALLS_MESSAGE_BYTES - FRAME_OVERHEAD_BYTES;

export interface PipeAnswer {
  readonly position: string | undefined;
  readonly response: Uint8Array;
}

/** The calling side of a pipe to one replica. Opens with the first call, and again after it broke. */
export interface ClientPipe {
  /**
   * Rejects with the server's error; with `Unknown` if the pipe breaks meanwhile; with `DeadlineExceeded`
   * after `timeoutMs`. In the last two the call may have been executed.
   */
  call(call: Omit<CallFrame, 'id'>): Promise<PipeAnswer>;
  close(): void;
}

interface Waiting {
  readonly giveUpAtMs: number;
  readonly resolve: (answer: PipeAnswer) => void;
  readonly reject: (error: CodedError) => void;
}

type Stream = ClientDuplexStream<Uint8Array, Uint8Array>;

export function clientPipe(channel: Client, metadata: () => Metadata, clock: Clock): ClientPipe {
  const waiting = new Map<number, Waiting>();
  let stream: Stream | undefined;
  let lastId = 0;
  let closed = false;
  let isChecking = false;

  const failAll = (error: CodedError): void => {
    const all = [...waiting.values()];
    waiting.clear();
    for (const { reject } of all) reject(error);
  };
  const receive = (message: Uint8Array): void => {
    for (const answer of readAnswers(message)) {
      const call = waiting.get(answer.id);
      // An answer that comes after its deadline belongs to nobody.
      if (call === undefined) continue;
      waiting.delete(answer.id);
      if ('error' in answer) call.reject(answer.error);
      else call.resolve(answer);
    }
  };
  const open = (): Stream => {
    const { path, requestSerialize, responseDeserialize } = PIPE_METHOD;
    const opened: Stream = channel.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadata(),
    );
    const broke = (error: CodedError): void => {
      if (stream !== opened) return;
      stream = undefined;
      failAll(error);
    };
    opened.on('data', (message: Uint8Array) => {
      try {
        receive(message);
      } catch (cause) {
        broke(new CodedError('Unknown', 'The replica answered what is no message of a pipe', { cause }));
        opened.cancel();
      }
    });
    opened.on('error', (error: ServiceError) => broke(fromServiceError(error)));
    opened.on('end', () => broke(new CodedError('Unknown', 'The replica ended the pipe')));
    return opened;
  };
  const batcher = frameBatcher(CALLS_MESSAGE_BYTES, (message) => {
    // Closed since: whoever waited for an answer has been told.
    if (closed) return;
    stream ??= open();
    stream.write(message);
  });
  const checkTimeouts = (): void => {
    const nowMs = clock.monotonicMs();
    for (const [id, { giveUpAtMs, reject }] of waiting) {
      if (giveUpAtMs > nowMs) continue;
      waiting.delete(id);
      reject(new CodedError('DeadlineExceeded', 'The replica did not answer in time'));
    }
    isChecking = waiting.size > 0;
    if (isChecking) clock.setTimer(TIMEOUT_CHECK_MS, checkTimeouts);
  };

  return {
    call: (call) =>
      new Promise((resolve, reject) => {
        if (closed) throw new CodedError('Closed', 'The client is closed');
        if (call.request.length > REQUEST_MAX_BYTES) {
          throw new CodedError('PayloadTooLarge', `A request has at most ${REQUEST_MAX_BYTES} bytes`, {
            details: { limit: REQUEST_MAX_BYTES },
          });
        }
        lastId = (lastId + 1) >>> 0;
        const id = lastId;
        waiting.set(id, { giveUpAtMs: clock.monotonicMs() + call.timeoutMs, resolve, reject });
        batcher.add((writer) => writeCall(writer, { ...call, id }));
        if (isChecking) return;
        isChecking = true;
        clock.setTimer(TIMEOUT_CHECK_MS, checkTimeouts);
      }),
    close: () => {
      closed = true;
      const last = stream;
      stream = undefined;
      last?.cancel();
      failAll(new CodedError('Closed', 'The client is closed'));
    },
  };
}
