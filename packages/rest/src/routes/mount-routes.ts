import {
  IDEMPOTENCY_KEY_HEADER,
  parsePositions,
  POSITION_HEADER,
  type RouteContract,
  type RouteTable,
} from '@everopen/contract/rest';
import { CodedError, type Clock } from '@everopen/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KnownPositions } from '../positions/known-positions.ts';
import { SeenPositions } from '../positions/seen-positions.ts';
import { REST_LIMITS } from '../server/rest-limits.ts';
import type { Authenticate, AuthenticatedSession } from '../sessions/authenticate.ts';
import type { TokenClaims } from '../sessions/session-token.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { openApiOf } from './open-api.ts';
import type { RestCall, RestHandlers } from './rest-call.ts';

export interface MountOptions {
  readonly authenticate: Authenticate;
  readonly known: KnownPositions;
  readonly clock: Clock;
}

/** What is known of a request before its body is read; kept at the request for the error handler. */
interface Opened {
  readonly key: string | undefined;
  readonly positions: SeenPositions;
  readonly endsAtMs: number;
  session: TokenClaims | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    opened: Opened | null;
  }
}

/**
 * Turns a table of routes and its handlers into routes of the server. The order in which a request is checked:
 * headers, then who it is from, then the body's size, form and fields; the first fault is the answer.
 */
export function mountRoutes<Table extends RouteTable>(
  app: FastifyInstance,
  table: Table,
  handlers: RestHandlers<Table>,
  options: MountOptions,
): void {
  for (const [name, route] of Object.entries(table)) {
    const handler = handlers[name] as unknown as AnyHandler;
    const open = opener(route, options);
    app.route({
      method: route.method,
      url: route.path,
      schema: openApiOf(name, route),
      onRequest: async (request) => {
        const opened = open(request);
        request.opened = opened;
        if (route.access === 'public') return;
        const claims = options.authenticate.claims(request.headers.authorization);
        opened.session =
          route.access === 'session-in-call'
            ? claims
            : await options.authenticate.session(
                claims,
                opened.positions,
                remainingMs(opened, options.clock),
              );
      },
      handler: async (request, reply) => {
        const opened = request.opened as Opened;
        if (route.body === undefined && request.body !== undefined) {
          throw new CodedError('InvalidArgument', 'This call takes no body', { details: { field: 'body' } });
        }
        const answer = await handler(restCall(request, opened, options.clock));
        return sendAnswer(reply, opened, answer);
      },
    });
  }
}

type AnyRoute = RouteContract & { readonly access: 'session'; readonly key: 'required' };
interface AnyAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly location?: string;
  readonly retryAfterMs?: number;
}
type AnyHandler = (call: RestCall<AnyRoute>) => Promise<AnyAnswer>;

function opener(route: RouteContract, { known, clock }: MountOptions): (request: FastifyRequest) => Opened {
  return (request) => {
    const claimed = request.headers[POSITION_HEADER];
    const before = claimed === undefined || claimed === '' ? {} : parsePositions(String(claimed));
    if (before === undefined) {
      throw new CodedError('InvalidArgument', 'The header Everopen-Position is not one that an answer gave', {
        details: { field: 'Everopen-Position' },
      });
    }
    return {
      key: parseIdempotencyKey(request.headers[IDEMPOTENCY_KEY_HEADER], route.key),
      positions: new SeenPositions(before, known),
      endsAtMs: clock.monotonicMs() + REST_LIMITS.requestDeadlineMs,
      session: undefined,
    };
  };
}

function restCall(request: FastifyRequest, opened: Opened, clock: Clock): RestCall<AnyRoute> {
  const { key, positions, session } = opened;
  const deadline = (): number => remainingMs(opened, clock);
  return {
    params: request.params as undefined,
    query: request.query as undefined,
    body: request.body as undefined,
    key: key as string,
    session: session as AuthenticatedSession,
    get address() {
      return request.ip;
    },
    positions,
    remainingMs: deadline,
    fresh: () => ({ deadlineMs: deadline() }),
    browse: (database) => ({ readAt: positions.readAt(database), deadlineMs: deadline() }),
    once: () => ({ key: key as string, deadlineMs: deadline() }),
    seen: (database, call) => positions.of(database, call),
  };
}

/** At least a millisecond: the call that comes too late is refused by its own deadline. */
function remainingMs(opened: Opened, clock: Clock): number {
  return Math.max(1, opened.endsAtMs - clock.monotonicMs());
}

function sendAnswer(reply: FastifyReply, opened: Opened, answer: AnyAnswer): FastifyReply {
  const position = opened.positions.header();
  if (position !== '') reply.header(POSITION_HEADER, position);
  if (answer.location !== undefined) reply.header('location', answer.location);
  if (answer.retryAfterMs !== undefined) {
    reply.header('retry-after', String(Math.max(1, Math.ceil(answer.retryAfterMs / 1_000))));
  }
  reply.code(answer.status);
  if (answer.body === null) return reply.send();
  // The types of the handlers vouch for the answer's shape; tests check it against the schema.
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer.body));
}
