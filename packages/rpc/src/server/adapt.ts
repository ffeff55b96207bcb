import { timingSafeEqual } from 'node:crypto';
import { CodedError, isCodedError, parseUuid, uuidV7UnixMs, type Logger } from '@everopen/core';
import {
  Metadata,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { toServiceError } from '../errors/service-error.ts';
import { EncodedMessage } from './encoded-message.ts';
import type { CallContext } from './handlers.ts';

/** A request whose bytes are not its message: refused in the handler, where errors have their form. */
class UnreadableRequest {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The generated definition, taught about answers that are encoded already and requests that are unreadable. */
export function adaptDefinition(service: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => {
      const { requestDeserialize, responseSerialize } = method as MethodDefinition<unknown, unknown>;
      return [
        name,
        {
          ...method,
          requestDeserialize: (bytes: Buffer): unknown => {
            try {
              return requestDeserialize(bytes);
            } catch (error) {
              return new UnreadableRequest((error as Error).message);
            }
          },
          responseSerialize: (value: unknown): Buffer =>
            value instanceof EncodedMessage ? Buffer.from(value.bytes) : responseSerialize(value),
        },
      ];
    }),
  );
}

interface AdaptOptions {
  readonly clusterKey: string;
  readonly maxConcurrentCalls: number;
  readonly logger: Logger;
}

type PromiseHandler = (request: unknown, call: CallContext) => unknown;
type AnyCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** grpc-js handlers that authenticate, limit, and turn promises and errors into answers. */
export function adaptHandlers(
  handlers: UntypedServiceImplementation,
  service: ServiceDefinition,
  options: AdaptOptions,
): UntypedServiceImplementation {
  const admit = admission(options);
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => {
      const handler = handlers[name] as unknown as PromiseHandler | undefined;
      if (handler === undefined) throw new TypeError(`No handler for ${method.path}`);
      const log = (error: unknown): void => {
        if (!isCodedError(error))
          options.logger.error({ err: error, method: method.path }, 'A handler failed');
      };
      return [name, method.responseStream ? streaming(handler, admit, log) : unary(handler, admit, log)];
    }),
  );
}

function unary(
  handler: PromiseHandler,
  admit: Admit,
  log: (error: unknown) => void,
): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    const fail = (error: unknown): void => {
      log(error);
      callback(toServiceError(error));
    };
    const run = async (): Promise<unknown> => {
      const { context, release } = admit(call);
      try {
        return await handler(call.request, context);
      } finally {
        release();
      }
    };
    run().then((response) => callback(null, response), fail);
  };
}

function streaming(
  handler: PromiseHandler,
  admit: Admit,
  log: (error: unknown) => void,
): handleServerStreamingCall<unknown, unknown> {
  const run = async (call: ServerWritableStream<unknown, unknown>): Promise<void> => {
    const { context, release } = admit(call);
    try {
      for await (const message of handler(call.request, context) as AsyncIterable<unknown>) {
        if (call.cancelled) return;
        if (!call.write(message)) await new Promise<void>((resume) => onceWritable(call, resume));
      }
      call.end();
    } finally {
      release();
    }
  };
  return (call) => {
    run(call).catch((error: unknown) => {
      log(error);
      call.emit('error', toServiceError(error));
    });
  };
}

function onceWritable(call: ServerWritableStream<unknown, unknown>, resume: () => void): void {
  const go = (): void => {
    call.off('drain', go);
    call.off('cancelled', go);
    resume();
  };
  call.on('drain', go);
  call.on('cancelled', go);
}

type Admit = (call: AnyCall) => { context: CallContext; release: () => void };

/** Checks the cluster key and the metadata, and counts calls in progress. */
function admission({ clusterKey, maxConcurrentCalls }: AdaptOptions): Admit {
  const expected = Buffer.from(`Bearer ${clusterKey}`);
  let running = 0;
  const release = (): void => {
    running--;
  };
  return (call) => {
    const given = Buffer.from(String(call.metadata.get('authorization')[0] ?? ''));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new CodedError('Unauthenticated', 'The cluster key is missing or wrong');
    }
    if (call.request instanceof UnreadableRequest) {
      throw new CodedError('InvalidArgument', `The request cannot be decoded: ${call.request.reason}`);
    }
    const context = callContext(call);
    if (running >= maxConcurrentCalls) {
      throw new CodedError('Overloaded', `${maxConcurrentCalls} calls are in progress already`, {
        details: { limit: maxConcurrentCalls },
      });
    }
    running++;
    return { context, release };
  };
}

function callContext(call: AnyCall): CallContext {
  const key = call.metadata.get('idempotency-key')[0];
  const readAt = call.metadata.get('everopen-read-at')[0];
  return {
    idempotencyKey: key === undefined ? undefined : parseKey(String(key)),
    readAt: readAt === undefined ? undefined : String(readAt),
    remainingMs: () => {
      const deadline = call.getDeadline();
      return deadline === Infinity ? Infinity : Number(deadline) - Date.now();
    },
    get cancelled() {
      return call.cancelled;
    },
    setPosition: (token) => {
      const metadata = new Metadata();
      metadata.set('everopen-position', token);
      call.sendMetadata(metadata);
    },
  };
}

function parseKey(text: string): Uint8Array {
  try {
    const key = parseUuid(text);
    uuidV7UnixMs(key);
    return key;
  } catch (cause) {
    throw new CodedError('InvalidArgument', 'idempotency-key must be a version 7 UUID (RFC 9562)', {
      details: { field: 'idempotency-key' },
      cause,
    });
  }
}
