import { invalidArgument } from './invalid-argument.ts';

// RFC 9562: version 7, variant 10. Lower case only, so that one key has one text.
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function checkCheckoutKey(key: string): void {
  if (!UUID_V7.test(key)) throw invalidArgument('checkout_key', 'must be a version 7 UUID in lower case');
}
