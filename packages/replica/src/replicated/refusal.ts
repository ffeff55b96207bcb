import { CodedError, type ErrorDetails } from '@everopen/core';

const SHORTENED_CHARS = 1000;

/**
 * A refusal as it is remembered: JSON of code, message and details. Deterministic, as details are made by
 * `apply`. One that takes more than `bytesMax` loses its details and the end of its message.
 */
export function encodeRefusal({ code, message, details }: CodedError, bytesMax: number): Uint8Array {
  const whole = Buffer.from(JSON.stringify({ code, message, details }));
  if (whole.length <= bytesMax) return whole;
  return Buffer.from(JSON.stringify({ code, message: message.slice(0, SHORTENED_CHARS), details: {} }));
}

export function decodeRefusal(bytes: Uint8Array): CodedError {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const { code, message, details } = JSON.parse(text) as {
    code: string;
    message: string;
    details: ErrorDetails;
  };
  return new CodedError(code, message, { details });
}
