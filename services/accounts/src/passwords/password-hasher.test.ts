import { isCodedError } from '@everopen/core';
import { describe, expect, it } from 'vitest';
import { passwordHasher } from './password-hasher.ts';

const hasher = passwordHasher('the key of salts of this test');

describe('password hashes', () => {
  it('are argon2id with 19 MiB, two passes, one lane', async () => {
    const hash = await hasher.hash('plum tree', 'a');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await hasher.verify(hash, 'plum tree')).toBe(true);
    expect(await hasher.verify(hash, 'plum trees')).toBe(false);
  });

  it('are the same for a repeat, on any server, and differ by context, key and password', async () => {
    const hash = await hasher.hash('plum tree', 'a');
    expect(await passwordHasher('the key of salts of this test').hash('plum tree', 'a')).toBe(hash);
    const others = await Promise.all([
      hasher.hash('plum tree', 'b'),
      hasher.hash('plum trees', 'a'),
      passwordHasher('another key').hash('plum tree', 'a'),
    ]);
    const salts = [hash, ...others].map((one) => one.split('$')[4]);
    expect(new Set([hash, ...others]).size).toBe(4);
    // The salt knows nothing of the password.
    expect(new Set(salts).size).toBe(3);
  });

  it('refuses with Overloaded when too many wait, and works again afterwards', async () => {
    const attempts = Array.from({ length: 140 }, () => hasher.verifyNothing('x'));
    const results = await Promise.allSettled(attempts);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBe(140 - 4 - 128);
    for (const { reason } of refused) expect(isCodedError(reason, 'Overloaded')).toBe(true);
    expect(await hasher.verifyNothing('x')).toBe(false);
  });
});
