/** A new idempotency key: a version 7 UUID (RFC 9562, section 5.7). */
export function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let unixMs = Date.now();
  for (let at = 5; at >= 0; at--) {
    bytes[at] = unixMs % 256;
    unixMs = Math.floor(unixMs / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] as number) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
