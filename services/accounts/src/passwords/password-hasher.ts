import { createHmac } from 'node:crypto';
import { BoundedQueue } from '@everopen/core';
import { hash, verify, type Options } from '@node-rs/argon2';

/** argon2id as OWASP's password storage guide has it: 19 MiB, two passes, one lane. About 7 ms of one core. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options;
const SALT_BYTES = 16;

/** More at once would only share the cores, and take 19 MiB each. */
const AT_ONCE_MAX = 4;
/** Beyond this a login would wait for a second; it is better told to come back. */
const WAITING_MAX = 128;

export interface PasswordHasher {
  /**
   * A PHC string. The salt is made from `context` with a key of the servers, so that the repeat of a request
   * under the same idempotency key, on any server, gives the same hash and is known as the same request.
   * `context` must never be the same for two accounts or two changes.
   */
  hash(password: string, context: string): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
  /** Takes as long as a `verify`, and is always false: for accounts that do not exist. */
  verifyNothing(password: string): Promise<false>;
}

/** Rejects with `Overloaded` when too many wait. `saltKey`: a secret that all servers share. */
export function passwordHasher(saltKey: string): PasswordHasher {
  const limited = limiter();
  const saltOf = (context: string): Buffer =>
    createHmac('sha256', saltKey)
      .update(`everopen password salt\0${context}`)
      .digest()
      .subarray(0, SALT_BYTES);
  const hashNow = (password: string, context: string): Promise<string> =>
    hash(password, { ...ARGON2ID, salt: saltOf(context) });
  let dummy: Promise<string> | undefined;

  return {
    hash: (password, context) => limited(() => hashNow(password, context)),
    verify: (passwordHash, password) => limited(() => verify(passwordHash, password)),
    verifyNothing: async (password) => {
      dummy ??= hashNow('nobody has this password', 'nobody');
      const nobodysHash = await dummy;
      await limited(() => verify(nobodysHash, password));
      return false;
    },
  };
}

/** Runs at most `AT_ONCE_MAX` jobs at a time; the others wait in order. */
function limiter(): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting = new BoundedQueue<() => void>('queue of password checks', WAITING_MAX);
  let running = 0;
  return async (job) => {
    if (running < AT_ONCE_MAX) running++;
    // The place of the job that ended is handed on: `running` stays as it is.
    else await new Promise<void>((start) => waiting.push(start));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
