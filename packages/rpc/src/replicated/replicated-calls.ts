import { createHash } from 'node:crypto';
import { CodedError } from '@everopen/core';
import type { Consistency, Replica, RowOf, StoreQuery, Value } from '@everopen/replica';
import { EncodedMessage } from '../server/encoded-message.ts';
import type { CallContext } from '../server/handlers.ts';

/** How handlers of a replicated database are made: each is one line that says what kind of call it is. */
export interface ReplicatedCalls {
  /**
   * A write: needs an idempotency key; its answer is remembered, and counts against the quota of `owner`.
   * `encode` checks the request and gives the command; it throws `InvalidArgument` before anything is logged.
   * `sameness` is what a repeat has in common with the first request, where the command also holds what the
   * caller looks up anew; without it the whole command.
   */
  write<Request>(
    encode: (request: Request) => Uint8Array,
    owner: (request: Request) => string,
    sameness?: (request: Request) => Uint8Array,
  ): (request: Request, call: CallContext) => Promise<EncodedMessage>;
  /** A step that is idempotent by a key of its own inside the request. */
  step<Request>(
    encode: (request: Request) => Uint8Array,
  ): (request: Request, call: CallContext) => Promise<EncodedMessage>;
  /** A read of the state in memory: linearizable, or at the position that the caller has seen. */
  read<Request, Response>(
    read: (request: Request, view: { position: number; nowMs: number }) => Response,
    options?: { freshTime?: boolean },
  ): (request: Request, call: CallContext) => Promise<Response>;
  /** A question to the store, at the same freshness. */
  query<Parameters extends readonly Value[]>(
    call: CallContext,
    query: StoreQuery<Parameters>,
    parameters: Parameters,
  ): Promise<RowOf[]>;
}

export function replicatedCalls(replica: Replica): ReplicatedCalls {
  const consistency = (call: CallContext): Consistency =>
    call.readAt === undefined ? { level: 'linearizable' } : replica.parsePositionToken(call.readAt);
  const answer = ({ result, position }: { result: Uint8Array; position: number }, call: CallContext) => {
    call.setPosition(replica.positionToken(position));
    return new EncodedMessage(result);
  };
  return {
    write: (encode, owner, sameness) => async (request, call) => {
      const payload = encode(request);
      if (call.idempotencyKey === undefined) {
        throw new CodedError('InvalidArgument', 'This call needs the metadata idempotency-key', {
          details: { field: 'idempotency-key' },
        });
      }
      const once = {
        key: call.idempotencyKey,
        owner: owner(request),
        ...(sameness === undefined ? {} : { fingerprint: fingerprintOf(sameness(request)) }),
      };
      return answer(await replica.execute({ payload, once }), call);
    },
    step: (encode) => async (request, call) =>
      answer(await replica.execute({ payload: encode(request) }), call),
    read: (read, options) => async (request, call) => {
      const { value, position } = await replica.read(
        consistency(call),
        (view) => read(request, view),
        options,
      );
      call.setPosition(replica.positionToken(position));
      return value;
    },
    query: async (call, query, parameters) => {
      const { rows, position } = await replica.query(consistency(call), query, parameters);
      call.setPosition(replica.positionToken(position));
      return rows;
    },
  };
}

const FINGERPRINT_BYTES = 16;

function fingerprintOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest().subarray(0, FINGERPRINT_BYTES);
}
