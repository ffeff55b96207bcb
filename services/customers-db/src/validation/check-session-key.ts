import { invalidArgument } from './invalid-argument.ts';

const SHA256_BYTES = 32;

/** The SHA-256 of a session's secret. */
export function checkSessionKey(key: Uint8Array): void {
  if (key.length !== SHA256_BYTES) throw invalidArgument('session_key', `must be ${SHA256_BYTES} bytes`);
}
