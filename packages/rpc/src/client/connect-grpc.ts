import {
  CodedError,
  cryptoRandom,
  isCodedError,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type Random,
} from '@everopen/core';
import { errorForm } from '@everopen/contract';
import { Client, credentials, Metadata, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { parseKey } from '../keys/idempotency-key.ts';
import { fromServiceError } from '../errors/service-error.ts';
import { clientPipe, type ClientPipe } from '../pipe/client-pipe.ts';
import type { CallOptions, ClientCalls, Reply } from './calls.ts';
import { replicaPicker, type PickedReplica } from './replica-picker.ts';
import { asBuffer } from '../pipe/as-buffer.ts';

export interface GrpcClientOptions {
  /** "host:port" of every replica; calls go to one of them and move on when it cannot serve. */
  readonly addresses: readonly string[];
  readonly service: ServiceDefinition;
  readonly clusterKey: string;
  /** For a call with all its attempts, unless the call says otherwise. */
  readonly deadlineMs?: number;
  /** For one attempt at one replica: a replica that is silent for so long is left for another. */
  readonly attemptMs?: number;
  /**
   * Unary calls travel through a pipe (see `pipe/`), which costs a fraction of a gRPC call each; with `false`
   * they are calls of their own, as anybody's client would make them.
   */
  readonly pipe?: boolean;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}

export type GrpcClient<S> = ClientCalls<S> & {
  close(): void;
};

const DEFAULT_DEADLINE_MS = 5_000;
const DEFAULT_ATTEMPT_MS = 2_000;
const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 500;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * A client of a replicated database. Every call of ours can be repeated (reads have no effect, writes carry
 * an idempotency key, steps are idempotent by their own key), so a call that fails in a way that another
 * attempt may mend is repeated, at the next replica, with growing pauses, until its deadline. The error of
 * the last attempt is what the caller gets then. A replica that is not ready may name another that is
 * (`leader` in the details of `NotReady`, an address): that one is asked at once.
 */
export function connectGrpc<S>(options: GrpcClientOptions): GrpcClient<S> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? cryptoRandom;
  const logger = options.logger ?? silentLogger;
  const authorization = `Bearer ${options.clusterKey}`;
  const connections = options.addresses.map((address) => {
    const channel = connectChannel(address);
    const pipe = options.pipe === false ? undefined : clientPipe(channel, () => metadataFor({}), clock);
    return { address, channel, pipe };
  });
  const replicas = replicaPicker(connections, clock, random);

  const metadataFor = ({ key, readAt }: CallOptions): Metadata => {
    const metadata = new Metadata();
    metadata.set('authorization', authorization);
    if (key !== undefined) metadata.set('idempotency-key', key);
    if (readAt !== undefined) metadata.set('everopen-read-at', readAt);
    return metadata;
  };

  /**
   * Whether a replica was named that can be asked without a pause. One that is suspect is not: two that name each
   * other would be asked in turns without end.
   */
  const followHint = ({ code, details }: CodedError, from: PickedReplica<Connected>): boolean => {
    if (code !== 'NotReady') return false;
    const named = replicas.all.find(({ connection }) => connection.address === details['leader']);
    return named !== undefined && named !== from && replicas.prefer(named);
  };

  const unary =
    (name: string, method: Method) =>
    async (request: unknown, call: CallOptions = {}): Promise<Reply<unknown>> => {
      const giveUpAtMs = clock.monotonicMs() + (call.deadlineMs ?? options.deadlineMs ?? DEFAULT_DEADLINE_MS);
      for (let attempt = 0; ; attempt++) {
        const replica = replicas.pick();
        const leftMs = giveUpAtMs - clock.monotonicMs();
        try {
          const limitMs = Math.max(1, Math.min(leftMs, options.attemptMs ?? DEFAULT_ATTEMPT_MS));
          const { channel, pipe } = replica.connection;
          return pipe === undefined
            ? await attemptUnary(channel, method, request, metadataFor(call), limitMs)
            : await attemptThroughPipe(pipe, name, method, request, call, limitMs);
        } catch (error) {
          const coded = error as CodedError;
          // `later` is for the caller to decide: pressing on an overloaded replica makes it worse.
          if (errorForm(coded.code).retry !== 'same-key' || coded.code === 'Internal') throw coded;
          replicas.suspect(replica);
          if (followHint(coded, replica)) continue;
          const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + random.float() / 2);
          if (clock.monotonicMs() + pauseMs >= giveUpAtMs) throw coded;
          logger.debug({ method: method.path, code: coded.code, attempt }, 'trying again');
          await new Promise<void>((resume) => void clock.setTimer(pauseMs, resume));
        }
      }
    };

  const stream = (method: Method) =>
    async function* (request: unknown, call: CallOptions = {}): AsyncIterable<unknown> {
      // A stream is begun anew at another replica while nothing of it has arrived; later that would repeat messages.
      for (let attempt = 1; ; attempt++) {
        const replica = replicas.pick();
        let hasBegun = false;
        try {
          const { channel } = replica.connection;
          for await (const message of readStream(
            channel,
            method,
            request,
            metadataFor(call),
            call.deadlineMs,
          )) {
            hasBegun = true;
            yield message;
          }
          return;
        } catch (error) {
          if (!isCodedError(error) || errorForm(error.code).retry !== 'same-key') throw error;
          replicas.suspect(replica);
          if (hasBegun || attempt >= replicas.all.length || error.code === 'Internal') throw error;
        }
      }
    };

  const calls = Object.fromEntries(
    Object.entries(options.service).map(([name, definition]) => {
      const method = definition as Method;
      return [name, method.responseStream ? stream(method) : unary(name, method)];
    }),
  );
  return Object.assign(calls, {
    close: () => {
      for (const { connection } of replicas.all) {
        connection.pipe?.close();
        connection.channel.close();
      }
    },
  }) as unknown as GrpcClient<S>;
}

type Method = MethodDefinition<unknown, unknown>;

interface Connected {
  readonly address: string;
  readonly channel: Client;
  readonly pipe: ClientPipe | undefined;
}

function connectChannel(address: string): Client {
  return new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.min_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 500,
    'grpc.enable_retries': 0,
    // Each client has its own connections: a test that starts many must not share them by address.
    'grpc.use_local_subchannel_pool': 1,
  });
}

function attemptUnary(
  channel: Client,
  method: Method,
  request: unknown,
  metadata: Metadata,
  limitMs: number,
): Promise<Reply<unknown>> {
  return new Promise((resolve, reject) => {
    let position: string | undefined;
    const call = channel.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadata,
      { deadline: Date.now() + limitMs },
      (error, response) => {
        if (error === null) resolve({ response, position });
        else reject(fromServiceError(error));
      },
    );
    call.on('metadata', (headers: Metadata) => {
      const token = headers.get('everopen-position')[0];
      if (token !== undefined) position = String(token);
    });
  });
}

async function attemptThroughPipe(
  pipe: ClientPipe,
  name: string,
  method: Method,
  request: unknown,
  { key, readAt }: CallOptions,
  limitMs: number,
): Promise<Reply<unknown>> {
  const { position, response } = await pipe.call({
    method: name,
    timeoutMs: Math.ceil(limitMs),
    key: key === undefined ? undefined : parseKey(key),
    readAt,
    request: method.requestSerialize(request),
  });
  try {
    return { response: method.responseDeserialize(asBuffer(response)), position };
  } catch (cause) {
    throw new CodedError('Unknown', 'The replica gave an answer that cannot be read', { cause });
  }
}

async function* readStream(
  channel: Client,
  method: Method,
  request: unknown,
  metadata: Metadata,
  deadlineMs: number | undefined,
): AsyncIterable<unknown> {
  const call = channel.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
    metadata,
    deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
  );
  try {
    for await (const message of call) yield message;
  } catch (error) {
    throw error instanceof CodedError
      ? error
      : fromServiceError(error as Parameters<typeof fromServiceError>[0]);
  } finally {
    call.cancel();
  }
}
