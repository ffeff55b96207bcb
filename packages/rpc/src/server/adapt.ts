import { CodedError, isCodedError, type Logger } from '@everopen/core';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { toServiceError } from '../errors/service-error.ts';
import type { Admission } from './admission.ts';
import { callContext, type AnyCall } from './call-context.ts';
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

type PromiseHandler = (request: unknown, call: CallContext) => unknown;
type Admit = (call: AnyCall) => { context: CallContext; release: () => void };

/** grpc-js handlers that authenticate, limit, and turn promises and errors into answers. */
export function adaptHandlers(
  handlers: UntypedServiceImplementation,
  service: ServiceDefinition,
  admission: Admission,
  logger: Logger,
): UntypedServiceImplementation {
  const admit: Admit = (call) => {
    admission.authenticate(call.metadata);
    if (call.request instanceof UnreadableRequest) {
      throw new CodedError('InvalidArgument', `The request cannot be decoded: ${call.request.reason}`);
    }
    const context = callContext(call);
    return { context, release: admission.enter() };
  };
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => {
      const handler = handlers[name] as unknown as PromiseHandler | undefined;
      if (handler === undefined) throw new TypeError(`No handler for ${method.path}`);
      const log = (error: unknown): void => {
        if (!isCodedError(error)) logger.error({ err: error, method: method.path }, 'A handler failed');
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
