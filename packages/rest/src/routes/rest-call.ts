import type { RouteContract, RouteTable } from '@everopen/contract/rest';
import type { z } from 'zod';
import type { DatabaseName } from '../positions/known-positions.ts';
import type { Positioned, SeenPositions } from '../positions/seen-positions.ts';
import type { AuthenticatedSession } from '../sessions/authenticate.ts';
import type { TokenClaims } from '../sessions/session-token.ts';

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Part<Route, Name extends string> =
  Route extends Readonly<Record<Name, infer Schema>> ? Parsed<Schema> : undefined;

/** One request, checked: what its handler may know, and how it asks the databases on the client's behalf. */
export interface RestCall<Route extends RouteContract> {
  readonly params: Part<Route, 'params'>;
  readonly query: Part<Route, 'query'>;
  readonly body: Part<Route, 'body'>;
  /** The idempotency key, in lower case. */
  readonly key: Route['key'] extends 'required' ? string : string | undefined;
  readonly session: Route['access'] extends 'session'
    ? AuthenticatedSession
    : Route['access'] extends 'session-in-call'
      ? TokenClaims
      : undefined;
  /** The client's address; a proxy's word for it counts only if the proxy is trusted. */
  readonly address: string;
  /** Milliseconds until the client is told that it took too long. */
  remainingMs(): number;
  /** The options of a linearizable read, or of a step with a key of its own. */
  fresh(): { readonly deadlineMs: number };
  /** The options of a read that any replica may answer which has seen what the client has seen. */
  browse(database: DatabaseName): { readonly readAt: string | undefined; readonly deadlineMs: number };
  /** The options of a write under the client's key. */
  once(): { readonly key: string; readonly deadlineMs: number };
  /** Awaits a database's answer and takes note of its position. */
  seen<Response>(database: DatabaseName, call: Promise<Positioned<Response>>): Promise<Response>;
  readonly positions: SeenPositions;
}

/** What a handler answers: one of the route's statuses with its body. */
export type RestAnswer<Route extends RouteContract> = {
  [Status in keyof Route['answers']]: {
    readonly status: Status;
    readonly body: Route['answers'][Status] extends z.ZodType ? z.output<Route['answers'][Status]> : null;
    readonly location?: string;
    readonly retryAfterMs?: number;
  };
}[keyof Route['answers']];

export type RestHandler<Route extends RouteContract> = (call: RestCall<Route>) => Promise<RestAnswer<Route>>;

/** One handler for each route of a table. */
export type RestHandlers<Table extends RouteTable> = {
  readonly [Name in keyof Table]: RestHandler<Table[Name]>;
};
