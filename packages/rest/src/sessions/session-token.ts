import { createHash } from 'node:crypto';
import type { Role } from '@everopen/contract/rest';
import { CodedError } from '@everopen/core';
import { createSigner, createVerifier } from 'fast-jwt';

/** What a token says. That the session still stands is not in it: only the session's row knows. */
export interface TokenClaims {
  readonly accountId: number;
  readonly role: Role;
  /** SHA-256 of the secret session id: what the database knows the session by. */
  readonly sessionKey: Uint8Array;
}

export interface SessionTokens {
  /** A token around a secret session id of 32 random bytes. */
  sign(claims: { accountId: number; role: Role; sessionId: Uint8Array }): string;
  /** `Unauthenticated` for whatever was not signed by us, unaltered. */
  verify(token: string): TokenClaims;
}

export const SESSION_ID_BYTES = 32;
const SECRET_MIN_CHARS = 32;
const TOKEN_MAX_CHARS = 512;
const CACHED_TOKENS_MAX = 10_000;

/**
 * JSON Web Tokens (RFC 7519), HS256 and nothing else. They carry no expiry: no server's clock ends a session,
 * the session's row does. Verified tokens are remembered (the oldest forgotten first), for the signature
 * costs more than the rest of a small request.
 */
export function sessionTokens(secret: string): SessionTokens {
  if (secret.length < SECRET_MIN_CHARS) {
    throw new CodedError('InvalidArgument', `tokenSecret must have at least ${SECRET_MIN_CHARS} characters`, {
      details: { field: 'tokenSecret' },
    });
  }
  const sign = createSigner({ key: secret, algorithm: 'HS256', noTimestamp: true });
  const verify = createVerifier({ key: secret, algorithms: ['HS256'], cache: false });
  const verified = new Map<string, TokenClaims>();

  return {
    sign: ({ accountId, role, sessionId }) =>
      sign({ sid: Buffer.from(sessionId).toString('base64url'), sub: String(accountId), role }),
    verify: (token) => {
      const known = verified.get(token);
      if (known !== undefined) return known;
      if (token.length > TOKEN_MAX_CHARS || !hasCanonicalSignature(token)) throw refused();
      let payload: unknown;
      try {
        payload = verify(token);
      } catch {
        throw refused();
      }
      const claims = parseClaims(payload);
      if (verified.size >= CACHED_TOKENS_MAX) {
        for (const oldest of verified.keys()) {
          verified.delete(oldest);
          break;
        }
      }
      verified.set(token, claims);
      return claims;
    },
  };
}

/** The last character of a signature has bits to spare: only one of its four spellings is ours. */
function hasCanonicalSignature(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

function parseClaims(payload: unknown): TokenClaims {
  const { sid, sub, role } = payload as Record<string, unknown>;
  const sessionId = typeof sid === 'string' ? Buffer.from(sid, 'base64url') : undefined;
  const accountId = typeof sub === 'string' ? Number(sub) : Number.NaN;
  if (
    sessionId?.length !== SESSION_ID_BYTES ||
    !Number.isSafeInteger(accountId) ||
    (role !== 'seller' && role !== 'buyer')
  ) {
    throw refused();
  }
  return { accountId, role, sessionKey: sessionKeyOf(sessionId) };
}

/** What the database stores of a secret session id: it cannot be turned back into a token. */
export function sessionKeyOf(sessionId: Uint8Array): Uint8Array {
  return createHash('sha256').update(sessionId).digest();
}

function refused(): CodedError {
  return new CodedError('Unauthenticated', 'The token is not one of ours');
}
