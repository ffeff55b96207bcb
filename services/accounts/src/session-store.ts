import type { Role } from '@everopen/contract/rest';
import { cryptoRandom, formatUuid, uuidV7, type Clock } from '@everopen/core';
import type { SessionStore } from '@everopen/rest';
import type { CustomersCalls } from './customers-calls.ts';
import { ROLE_NUMBERS } from './role-numbers.ts';

/** Sessions of one role, in the customers database. */
export function customersSessions(
  customers: Pick<CustomersCalls, 'checkSession' | 'touchSession'>,
  role: Role,
  clock: Clock,
): SessionStore {
  const requestOf = (sessionKey: Uint8Array) => ({
    sessionKey: asBuffer(sessionKey),
    role: ROLE_NUMBERS[role],
  });
  return {
    check: (sessionKey, deadlineMs) => customers.checkSession(requestOf(sessionKey), { deadlineMs }),
    touch: (sessionKey, deadlineMs) =>
      customers.touchSession(requestOf(sessionKey), {
        key: formatUuid(uuidV7(clock.unixMs(), cryptoRandom)),
        deadlineMs,
      }),
  };
}

/** The generated messages speak of Buffers. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
