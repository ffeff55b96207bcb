import type { z } from 'zod';

/**
 * One route of a REST interface: what goes in, what comes out, and who may call it. The servers' validation,
 * their OpenAPI documents and the tests of bad input are all made from the same table of these.
 */
export interface RouteContract {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  /**
   * `session`: needs a token of this interface's role, and its session is looked up first. `session-in-call`:
   * the same, but the call itself is a command to the customers database that checks (and stamps) the session.
   */
  readonly access: 'public' | 'session' | 'session-in-call';
  /** Whether the Idempotency-Key header must be there. Only calls that change nothing go without. */
  readonly key: 'required' | 'optional' | 'none';
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The body of each status that is not an error; `null` for none. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** Codes that are this route's own; every route can also give the general ones. */
  readonly errors: readonly string[];
}

export type RouteTable = Readonly<Record<string, RouteContract>>;
