import type { MethodDefinition } from '@grpc/grpc-js';
import { asBuffer } from './as-buffer.ts';

/**
 * The pipe: a stream in both directions that carries many calls of one service, beside the service's own
 * methods. It exists because a unary gRPC call costs several times what its work costs: what our servers ask
 * our databases all the time travels in frames (`frames.ts`), all those of a turn in one message.
 */
export const PIPE_METHOD: MethodDefinition<Uint8Array, Uint8Array> = {
  path: '/everopen.rpc.v1.Pipe/Open',
  requestStream: true,
  responseStream: true,
  requestSerialize: asBuffer,
  requestDeserialize: (bytes) => bytes,
  responseSerialize: asBuffer,
  responseDeserialize: (bytes) => bytes,
};
