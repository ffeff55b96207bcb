import { LIMITS } from '@everopen/contract';
import {
  POSITION_HEADER,
  PROBLEM_CONTENT_TYPE,
  REQUEST_ID_HEADER,
  type Problem,
  type Role,
  type RouteTable,
} from '@everopen/contract/rest';
import {
  CodedError,
  cryptoRandom,
  isCodedError,
  systemClock,
  toHex,
  type Clock,
  type Logger,
  type RunningService,
} from '@everopen/core';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { fieldErrors } from '../errors/field-errors.ts';
import { fromFrameworkError } from '../errors/from-framework-error.ts';
import { retryAfterSeconds, toProblem } from '../errors/to-problem.ts';
import { knownPositions, type KnownPositions } from '../positions/known-positions.ts';
import { knownPaths } from '../routes/known-paths.ts';
import { mountRoutes } from '../routes/mount-routes.ts';
import type { RestHandlers } from '../routes/rest-call.ts';
import { authenticator, type SessionStore } from '../sessions/authenticate.ts';
import type { SessionTokens } from '../sessions/session-token.ts';
import { answerClientError } from './answer-client-error.ts';
import { describeInterface, type Description } from './open-api-document.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { readiness } from './readiness.ts';
import { REST_LIMITS } from './rest-limits.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export interface RestServerOptions extends Description {
  /** Tokens of the other role are Forbidden here. */
  readonly role: Role;
  readonly tokens: SessionTokens;
  readonly sessions: SessionStore;
  /** Rejects while the server cannot do its work: `/ready` then answers with that error. */
  readonly probe: () => Promise<void>;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Addresses (or networks) of proxies whose X-Forwarded-For is believed; none if left out. */
  readonly trustedProxies?: readonly string[];
}

export interface RestServer {
  /** What this server has seen of the databases' histories. */
  readonly known: KnownPositions;
  mount<Table extends RouteTable>(table: Table, handlers: RestHandlers<Table>): void;
  /** Starts to listen; port 0 lets the system choose. `onStop` runs once nothing is served any more. */
  listen(address: { host: string; port: number }, onStop: () => Promise<void>): Promise<RunningService>;
}

/** What the REST servers of this house have in common: everything but their routes. */
export async function createRestServer(options: RestServerOptions): Promise<RestServer> {
  const { logger, clock = systemClock } = options;
  const app = createApp(options);
  const paths = knownPaths();
  const known = knownPositions();
  const authenticate = authenticator(options);
  const ready = readiness(options.probe, clock);
  let stopping = false;

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS).header(REQUEST_ID_HEADER, request.id);
  });
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) paths.add(one, url);
  });
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] as string;
    const methods = paths.methodsOf(path);
    throw methods.length === 0
      ? new CodedError('NotFound', 'There is nothing at this path')
      : new CodedError('MethodNotAllowed', `This path knows ${methods.join(', ')}`, {
          details: { allow: methods },
        });
  });
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));

  await describeInterface(app, options);
  app.get('/health', async () => ({ status: 'live' }));
  app.get('/ready', async () => {
    if (stopping) throw new CodedError('Closed', 'This server is stopping');
    await ready();
    return { status: 'ready' };
  });

  return {
    known,
    mount: (table, handlers) => mountRoutes(app, table, handlers, { authenticate, known, clock }),
    listen: async ({ host, port }, onStop) => {
      await listenOrRefuse(app, host, port);
      const bound = app.server.address() as { port: number };
      return {
        address: { host, port: bound.port },
        stop: async () => {
          if (stopping) return;
          stopping = true;
          const cut = clock.setTimer(REST_LIMITS.stopMs, () => app.server.closeAllConnections());
          await app.close();
          cut.cancel();
          await onStop();
        },
      };
    },
  };
}

/** `InUse` for an address that another process has; `InvalidArgument` for one that this machine has not. */
async function listenOrRefuse(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const { code } = cause as { code?: string };
    if (code === 'EADDRINUSE') {
      throw new CodedError('InUse', `Another process listens at ${host}:${port}`, {
        details: { port },
        cause,
      });
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES') {
      const details = { field: 'address' };
      throw new CodedError('InvalidArgument', `This process cannot listen at ${host}:${port}`, {
        details,
        cause,
      });
    }
    throw cause;
  }
}

function createApp({ trustedProxies }: RestServerOptions): FastifyInstance {
  const bootId = toHex(cryptoRandom.fill(new Uint8Array(6)));
  let requests = 0;
  const app = fastify({
    logger: false,
    bodyLimit: LIMITS.requestBodyMaxBytes,
    requestTimeout: REST_LIMITS.requestTimeoutMs,
    keepAliveTimeout: REST_LIMITS.keepAliveMs,
    connectionTimeout: REST_LIMITS.silentConnectionMs,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: REST_LIMITS.pathSegmentMaxChars },
    trustProxy: trustedProxies === undefined || trustedProxies.length === 0 ? false : [...trustedProxies],
    // Never the client's own: it would let a client write what it likes into the log.
    requestIdHeader: false,
    genReqId: () => `${bootId}-${(++requests).toString(36)}`,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      // No hook has run for such a request.
      void reply.headers(SECURITY_HEADERS).header(REQUEST_ID_HEADER, request.id);
      void answerProblem(reply, toProblem(fromFrameworkError(error), request.id));
    },
    http: {
      maxHeaderSize: REST_LIMITS.headersMaxBytes,
      headersTimeout: REST_LIMITS.headersTimeoutMs,
      connectionsCheckingInterval: REST_LIMITS.connectionsCheckIntervalMs,
    },
  });
  app.server.maxConnections = REST_LIMITS.connections;
  app.server.maxHeadersCount = REST_LIMITS.headersMaxCount;

  app.decorateRequest('opened', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const encoding = request.headers['content-encoding'];
      if (encoding !== undefined && encoding !== 'identity') {
        throw new CodedError('UnsupportedMediaType', 'The body must not be compressed');
      }
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const part = httpPart === 'querystring' ? 'query' : (httpPart ?? 'body');
    return (data: unknown) => {
      const result = (schema as z.ZodType).safeParse(data);
      if (result.success) return { value: result.data };
      const errors = fieldErrors(result.error.issues, part);
      const first = errors[0];
      const message =
        first === undefined ? 'The request is not acceptable' : `${first.field}: ${first.message}`;
      return { error: new CodedError('InvalidArgument', message, { details: { errors } }) };
    };
  });
  app.setSerializerCompiler(() => JSON.stringify);
  return app;
}

function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const known = isCodedError(error) ? error : fromFrameworkError(error);
  const problem = toProblem(known, request.id);
  if (problem.code === 'Internal') {
    logger.error({ err: error, requestId: request.id, route: request.routeOptions.url }, 'A request failed');
  }
  const position = request.opened?.positions.header() ?? '';
  if (position !== '') reply.header(POSITION_HEADER, position);
  return answerProblem(reply, problem);
}

function answerProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const retryAfter = retryAfterSeconds(problem);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  const allow = problem.details?.['allow'];
  if (Array.isArray(allow)) reply.header('allow', allow.join(', '));
  return reply
    .code(problem.status)
    .header('content-type', `${PROBLEM_CONTENT_TYPE}; charset=utf-8`)
    .send(JSON.stringify(problem));
}
