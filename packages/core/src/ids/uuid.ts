import { fromHex, toHex } from '../bytes/hex.ts';
import { CodedError } from '../errors/coded-error.ts';

export const UUID_BYTES = 16;

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, lower case (RFC 9562, section 4). */
export function formatUuid(bytes: Uint8Array): string {
  if (bytes.length !== UUID_BYTES) throw new RangeError('A UUID has 16 bytes');
  const hex = toHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The 16 bytes of a UUID's text; anything else is `InvalidArgument`. */
export function parseUuid(text: string): Uint8Array {
  if (!FORM.test(text)) throw new CodedError('InvalidArgument', 'Not a UUID');
  return fromHex(text.replaceAll('-', ''));
}
