/** The same bytes as a Buffer, without a copy: generated code and gRPC insist on one. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
