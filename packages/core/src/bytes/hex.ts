import { CodedError } from '../errors/coded-error.ts';

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Bytes of a text of pairs of hexadecimal digits; anything else is `InvalidArgument`. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) {
    throw new CodedError('InvalidArgument', 'Not a text of pairs of hexadecimal digits');
  }
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
