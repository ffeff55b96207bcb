import { createHmac } from 'node:crypto';
import { cryptoRandom } from '@everopen/core';
import { SESSION_ID_BYTES } from '@everopen/rest';

/**
 * The secret id of a new session: 256 random bits. With an idempotency key it is made from that key instead,
 * so that the repeat of a login, on any server, finds the session that the first attempt opened. Knowing the
 * key does not help to guess it: `secret` is the servers' own.
 */
export function sessionIdOf(secret: string, accountId: number, key: string | undefined): Uint8Array {
  if (key === undefined) return cryptoRandom.fill(new Uint8Array(SESSION_ID_BYTES));
  return createHmac('sha256', secret).update(`everopen session id\0${accountId}\0${key}`).digest();
}
