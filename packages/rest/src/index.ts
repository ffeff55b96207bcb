/**
 * What a REST server of this house is made of: routes from a table with validation and an OpenAPI document,
 * problem details, idempotency keys, positions, sessions, limits, health.
 */
export { createRestServer, type RestServer, type RestServerOptions } from './server/create-rest-server.ts';
export { REST_LIMITS } from './server/rest-limits.ts';
export type { RestAnswer, RestCall, RestHandler, RestHandlers } from './routes/rest-call.ts';
export {
  SESSION_ID_BYTES,
  sessionKeyOf,
  sessionTokens,
  type SessionTokens,
  type TokenClaims,
} from './sessions/session-token.ts';
export type { AuthenticatedSession, SessionRow, SessionStore } from './sessions/authenticate.ts';
export type { Positioned } from './positions/seen-positions.ts';
export type { DatabaseName, KnownPositions } from './positions/known-positions.ts';
