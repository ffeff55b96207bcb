import { CodedError, isCodedError, type Logger } from '@everopen/core';
import type { handleBidiStreamingCall, ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import { toServiceError } from '../errors/service-error.ts';
import type { Admission } from '../server/admission.ts';
import { checkKey } from '../keys/idempotency-key.ts';
import { EncodedMessage } from '../server/encoded-message.ts';
import type { CallContext } from '../server/handlers.ts';
import { ANSWERS_MESSAGE_BYTES, frameBatcher } from './frame-batcher.ts';
import { readCalls, writeAnswer, type AnswerFrame, type CallFrame } from './frames.ts';
import { asBuffer } from './as-buffer.ts';

/** A caller that does not read its answers is cut off when so many bytes of them wait. */
const UNREAD_ANSWERS_MAX_BYTES = 16 * 1024 * 1024;

type Pipe = ServerDuplexStream<Uint8Array, Uint8Array>;
type Handler = (request: unknown, call: CallContext) => Promise<unknown>;

interface PipeServer {
  readonly handler: handleBidiStreamingCall<Uint8Array, Uint8Array>;
  /** Takes no more calls, and ends each pipe when its last answer is sent. */
  drain(): void;
}

/** Serves the unary methods of a service through pipes. */
export function servePipe(
  service: ServiceDefinition,
  handlers: Readonly<Record<string, Handler>>,
  admission: Admission,
  logger: Logger,
): PipeServer {
  const open = new Set<OpenPipe>();
  let draining = false;
  const handler = (pipe: Pipe): void => {
    try {
      admission.authenticate(pipe.metadata);
    } catch (error) {
      cutOff(pipe, error);
      return;
    }
    const one = openPipe(
      pipe,
      (frame) => {
        if (draining) return Promise.reject(new CodedError('NotReady', 'This replica is shutting down'));
        return answerCall(frame, service, handlers, admission);
      },
      logger,
    );
    open.add(one);
    pipe.once('close', () => open.delete(one));
    if (draining) one.endWhenIdle();
  };
  return {
    handler,
    drain: () => {
      draining = true;
      for (const one of open) one.endWhenIdle();
    },
  };
}

interface OpenPipe {
  endWhenIdle(): void;
}

function openPipe(pipe: Pipe, answer: (frame: CallFrame) => Promise<AnswerFrame>, logger: Logger): OpenPipe {
  let running = 0;
  let ending = false;
  const batcher = frameBatcher(ANSWERS_MESSAGE_BYTES, (message) => {
    if (pipe.cancelled || pipe.writableEnded) return;
    pipe.write(message);
    if (pipe.writableLength > UNREAD_ANSWERS_MAX_BYTES) {
      cutOff(pipe, new CodedError('Overloaded', 'The caller does not read its answers'));
    } else if (ending && running === 0) pipe.end();
  });
  const reply = (frame: AnswerFrame): void => {
    running--;
    batcher.add((writer) => writeAnswer(writer, frame));
  };
  const run = async (frame: CallFrame): Promise<void> => {
    running++;
    try {
      reply(await answer(frame));
    } catch (error) {
      if (!isCodedError(error)) logger.error({ err: error, method: frame.method }, 'A handler failed');
      const coded = isCodedError(error) ? error : new CodedError('Internal', 'A fault of ours');
      reply({ id: frame.id, error: coded });
    }
  };
  pipe.on('data', (message: Uint8Array) => {
    try {
      for (const frame of readCalls(message)) void run(frame);
    } catch (error) {
      logger.warn({ err: error }, 'A pipe sent what is no message of a pipe; it is cut off');
      cutOff(pipe, new CodedError('InvalidArgument', 'This is no message of a pipe'));
    }
  });
  pipe.on('end', () => pipe.end());
  // The caller is gone: its calls run to their end, and their answers go nowhere.
  pipe.on('error', () => {});
  return {
    endWhenIdle: () => {
      ending = true;
      if (running === 0) pipe.end();
    },
  };
}

/** Ends the stream with an error: what the caller still waits for is `Unknown` to it. */
function cutOff(pipe: Pipe, error: unknown): void {
  pipe.emit('error', toServiceError(error));
}

async function answerCall(
  frame: CallFrame,
  service: ServiceDefinition,
  handlers: Readonly<Record<string, Handler>>,
  admission: Admission,
): Promise<AnswerFrame> {
  const method = Object.hasOwn(service, frame.method) ? service[frame.method] : undefined;
  const handler = handlers[frame.method];
  if (method === undefined || handler === undefined || method.responseStream) {
    throw new CodedError('MethodNotAllowed', 'This service has no such method');
  }
  let request: unknown;
  try {
    request = method.requestDeserialize(asBuffer(frame.request));
  } catch (error) {
    throw new CodedError('InvalidArgument', `The request cannot be decoded: ${(error as Error).message}`);
  }
  const { id, readAt, timeoutMs } = frame;
  const giveUpAtMs = performance.now() + timeoutMs;
  let position: string | undefined;
  const release = admission.enter();
  try {
    const value = await handler(request, {
      idempotencyKey: frame.key === undefined ? undefined : checkKey(frame.key),
      readAt,
      remainingMs: () => giveUpAtMs - performance.now(),
      cancelled: false,
      setPosition: (token) => {
        position = token;
      },
    });
    const response =
      value instanceof EncodedMessage ? value.bytes : method.responseSerialize(value as object);
    return { id, position, response };
  } finally {
    release();
  }
}
