import { silentLogger } from '@everopen/core';
import { describe, expect, it } from 'vitest';
import { authenticator } from './authenticate.ts';
import { sessionTokens } from './session-token.ts';

const tokens = sessionTokens('a secret of at least thirty-two characters');
const token = tokens.sign({ accountId: 7, role: 'buyer', sessionId: new Uint8Array(32).fill(3) });
const never = () => Promise.reject(new Error('not asked'));
const authenticate = authenticator({
  role: 'buyer',
  tokens,
  sessions: { check: never, touch: never },
  logger: silentLogger,
});

describe('S7: the Authorization header', () => {
  it.each(['Bearer ', 'bearer ', 'BEARER ', 'Bearer   '])('may begin with %j', (scheme) => {
    expect(authenticate.claims(scheme + token).accountId).toBe(7);
  });

  it.each(['', 'Bearer', 'Basic ', 'Bearer\t', ' Bearer ', 'Bearer Bearer '])(
    'may not begin with %j',
    (scheme) => {
      expect(() => authenticate.claims(scheme + token)).toThrow('must be: Bearer TOKEN');
    },
  );

  it('holds one token, unaltered', () => {
    expect(() => authenticate.claims(`Bearer ${token}, Bearer ${token}`)).toThrow('must be: Bearer TOKEN');
    expect(() => authenticate.claims(`Bearer ${token}=`)).toThrow('must be: Bearer TOKEN');
    expect(() => authenticate.claims(`Bearer ${token.slice(0, -2)}AA`)).toThrow('not one of ours');
  });
});
