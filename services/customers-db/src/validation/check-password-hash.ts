import { invalidArgument } from './invalid-argument.ts';

const MAX_CHARS = 256;

// The PHC string of argon2id, version 1.3 (0x13), with salt and hash in unpadded base64.
const ARGON2ID =
  /^\$argon2id\$v=19\$m=[1-9][0-9]{0,7},t=[1-9][0-9]{0,3},p=[1-9][0-9]{0,2}\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,128}$/;

/** Nothing but an argon2id hash is stored, so a password can never be stored by mistake. */
export function checkPasswordHash(hash: string): void {
  if (hash.length > MAX_CHARS || !ARGON2ID.test(hash)) {
    throw invalidArgument('password_hash', 'must be an argon2id hash in PHC form');
  }
}
