import { CodedError, parseUuid } from '@everopen/core';
import {
  EncodedMessage,
  type CallContext,
  type CallOptions,
  type ClientCalls,
  type Reply,
  type ServiceHandlers,
} from '@everopen/rpc';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** What happens to a call on its way: nothing, or it is lost before or after it is executed. */
export type Fault = 'lost request' | 'lost answer' | undefined;

/** A client of handlers in the same process: the messages are encoded and decoded, only the network is missing. */
export function inProcessCalls<Server>(
  service: ServiceDefinition,
  handlers: ServiceHandlers<Server>,
  faultOf: (method: string) => Fault,
): ClientCalls<Server> {
  const calls = Object.entries(service).map(([name, definition]) => {
    const method = definition as MethodDefinition<unknown, unknown>;
    const handler = (handlers as Record<string, unknown>)[name] as Handler;
    const call = async (request: unknown, options: CallOptions = {}): Promise<Reply<unknown>> => {
      const fault = faultOf(name);
      if (fault === 'lost request') throw new CodedError('Unknown', 'The replica could not be reached');
      let position: string | undefined;
      const context: CallContext = {
        idempotencyKey: options.key === undefined ? undefined : parseUuid(options.key),
        readAt: options.readAt,
        remainingMs: () => options.deadlineMs ?? Infinity,
        cancelled: false,
        setPosition: (token) => {
          position = token;
        },
      };
      const answer = await handler(method.requestDeserialize(method.requestSerialize(request)), context);
      if (fault === 'lost answer') throw new CodedError('Unknown', 'The answer was lost');
      const bytes = answer instanceof EncodedMessage ? answer.bytes : method.responseSerialize(answer);
      return { response: method.responseDeserialize(Buffer.from(bytes)), position };
    };
    return [name, call];
  });
  return Object.fromEntries(calls) as ClientCalls<Server>;
}

type Handler = (request: unknown, call: CallContext) => Promise<unknown>;
