import { CodedError, type ErrorDetails } from '@everopen/core';

/** A refusal as it is remembered: JSON of code, message and details. Deterministic, as details are made by `apply`. */
export function encodeRefusal({ code, message, details }: CodedError): Uint8Array {
  return Buffer.from(JSON.stringify({ code, message, details }));
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
