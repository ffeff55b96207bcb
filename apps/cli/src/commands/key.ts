import { cryptoRandom, formatUuid, systemClock, uuidV7 } from '@everopen/core';
import { EXIT } from '../failure.ts';

/** One new idempotency key on a line, made the way the client library makes them. */
export function printKey(): number {
  console.log(formatUuid(uuidV7(systemClock.unixMs(), cryptoRandom)));
  return EXIT.fine;
}
