import type { Role } from '@everopen/contract/rest';
import { CodedError, isCodedError, type Logger } from '@everopen/core';
import type { Positioned, SeenPositions } from '../positions/seen-positions.ts';
import type { SessionTokens, TokenClaims } from './session-token.ts';

/** A session's row, as the customers database tells it. */
export interface SessionRow {
  readonly sessionNumber: number;
  readonly accountId: number;
  readonly username: string;
  readonly displayName: string;
  /** The last activity was stamped long enough ago to be stamped again. */
  readonly touchDue: boolean;
}

/** Who makes a request. */
export interface AuthenticatedSession extends TokenClaims {
  readonly sessionNumber: number;
  readonly username: string;
  readonly displayName: string;
}

/** Where sessions live. Both reject with `Unauthenticated` once the session has ended. */
export interface SessionStore {
  /** Reads the row, linearizably: what any server ended, every server sees. */
  check(sessionKey: Uint8Array, deadlineMs: number): Promise<Positioned<SessionRow>>;
  /** Stamps the activity: a replicated write. */
  touch(sessionKey: Uint8Array, deadlineMs: number): Promise<Positioned<unknown>>;
}

/** Who makes a request, in two steps: what the token says, and whether its session still stands. */
export interface Authenticate {
  /** `Unauthenticated` for a token that is not ours, `Forbidden` for one of the other role. */
  claims(authorization: string | undefined): TokenClaims;
  /** `Unauthenticated` once the session has ended. Stamps the activity where that is due. */
  session(claims: TokenClaims, seen: SeenPositions, deadlineMs: number): Promise<AuthenticatedSession>;
}

/** The scheme's name has no case, and any number of spaces may follow it (RFC 9110, section 11). */
const BEARER = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/**
 * Authenticates requests: the token's signature and role here, then the session's row in the customers
 * database, for each request anew, so that a logout holds at once on every server. Checks are not shared
 * between requests: one that joined a check under way could miss a logout that was acknowledged in between.
 * (The databases share the read point among all that wait.)
 */
export function authenticator(options: {
  readonly role: Role;
  readonly tokens: SessionTokens;
  readonly sessions: SessionStore;
  readonly logger: Logger;
}): Authenticate {
  const { role, tokens, sessions, logger } = options;
  /** Sessions that are being stamped: the requests that come meanwhile need not do it again. */
  const touching = new Set<string>();

  const touch = async (claims: TokenClaims, seen: SeenPositions, deadlineMs: number): Promise<void> => {
    const name = Buffer.from(claims.sessionKey).toString('base64');
    if (touching.has(name)) return;
    touching.add(name);
    try {
      await seen.of('customers', sessions.touch(claims.sessionKey, deadlineMs));
    } catch (error) {
      if (isCodedError(error, 'Unauthenticated')) throw error;
      // The session stood when it was checked. A stamp that fails is tried again by the next request.
      logger.warn({ err: error, accountId: claims.accountId }, 'A session could not be stamped');
    } finally {
      touching.delete(name);
    }
  };

  return {
    claims: (authorization) => {
      if (authorization === undefined) {
        throw new CodedError('Unauthenticated', 'The Authorization header is missing');
      }
      const token = BEARER.exec(authorization)?.[1];
      if (token === undefined) {
        throw new CodedError('Unauthenticated', 'The Authorization header must be: Bearer TOKEN');
      }
      const claims = tokens.verify(token);
      if (claims.role === role) return claims;
      throw new CodedError('Forbidden', `This is the ${role}s' server, and the token is a ${claims.role}'s`);
    },
    session: async (claims, seen, deadlineMs) => {
      const row = await seen.of('customers', sessions.check(claims.sessionKey, deadlineMs));
      if (row.accountId !== claims.accountId)
        throw new CodedError('Unauthenticated', 'The session has ended');
      if (row.touchDue) await touch(claims, seen, deadlineMs);
      const { sessionNumber, username, displayName } = row;
      return { ...claims, sessionNumber, username, displayName };
    },
  };
}
