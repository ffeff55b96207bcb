import { CodedError, silentLogger, systemClock, type Logger, type RunningService } from '@everopen/core';
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { PIPE_METHOD } from '../pipe/pipe-method.ts';
import { servePipe } from '../pipe/serve-pipe.ts';
import { adaptDefinition, adaptHandlers } from './adapt.ts';
import { admission } from './admission.ts';
import type { CallContext } from './handlers.ts';

export interface GrpcServerOptions {
  readonly address: { readonly host: string; readonly port: number };
  /** Every call must carry `authorization: Bearer KEY`; health and reflection are open. */
  readonly clusterKey: string;
  readonly service: ServiceDefinition;
  /** Type it with `ServiceHandlers<…Server>` where it is made. */
  readonly handlers: Readonly<Record<string, (request: never, call: CallContext) => unknown>>;
  /** The proto file, for reflection. */
  readonly protoPath: string;
  readonly logger?: Logger;
  /** Calls in progress beyond this are refused with `Overloaded`. */
  readonly maxConcurrentCalls?: number;
  readonly maxRequestBytes?: number;
}

export interface GrpcServer extends RunningService {
  /** Tells health watchers whether to send calls here. */
  setServing(serving: boolean): void;
  /** Hangs up on everybody at once, without waiting for any call. */
  kill(): void;
}

const DEFAULT_MAX_CONCURRENT_CALLS = 10_000;
const DEFAULT_MAX_REQUEST_BYTES = 64 * 1024;
const STOP_GRACE_MS = 2_000;

/** Starts a gRPC server with one service, health (grpc.health.v1) and reflection (v1, v1alpha). */
export async function serveGrpc(options: GrpcServerOptions): Promise<GrpcServer> {
  const logger = options.logger ?? silentLogger;
  const server = new Server({
    'grpc.max_receive_message_length': options.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES,
    'grpc.max_concurrent_streams': options.maxConcurrentCalls ?? DEFAULT_MAX_CONCURRENT_CALLS,
    'grpc-node.max_session_memory': 64,
    'grpc.max_connection_idle_ms': 10 * 60_000,
  });
  const health = new HealthImplementation({ '': 'SERVING' });
  health.addToServer(server);
  const handlers = options.handlers as unknown as UntypedServiceImplementation;
  const gate = admission(options.clusterKey, options.maxConcurrentCalls ?? DEFAULT_MAX_CONCURRENT_CALLS);
  server.addService(adaptDefinition(options.service), adaptHandlers(handlers, options.service, gate, logger));
  const pipes = servePipe(options.service, options.handlers as never, gate, logger);
  server.addService({ open: PIPE_METHOD }, { open: pipes.handler });
  const { host } = options.address;
  const port = await bind(server, host, options.address.port);
  // Reflection costs a proto parser; it is loaded after the server answers calls.
  addReflection(server, options.protoPath).catch((error: unknown) =>
    logger.warn({ err: error }, 'gRPC reflection is not available'),
  );
  return {
    address: { host, port },
    setServing: (serving) => health.setStatus('', serving ? 'SERVING' : 'NOT_SERVING'),
    kill: () => server.forceShutdown(),
    stop: () => {
      pipes.drain();
      return stop(server);
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const authority = host.includes(':') ? `[${host}]` : host;
  return new Promise((resolve, reject) => {
    server.bindAsync(`${authority}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else
        reject(
          new CodedError('InUse', `Cannot listen on ${host}:${port}: ${error.message}`, { cause: error }),
        );
    });
  });
}

async function addReflection(server: Server, protoPath: string): Promise<void> {
  const { ReflectionService } = await import('@grpc/reflection');
  const { load } = await import('@grpc/proto-loader');
  new ReflectionService(await load(protoPath)).addToServer(server);
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = systemClock.setTimer(STOP_GRACE_MS, () => {
      server.forceShutdown();
      resolve();
    });
    server.tryShutdown(() => {
      force.cancel();
      resolve();
    });
  });
}
