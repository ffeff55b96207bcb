import { ByteReader, type ByteWriter, CodedError, UUID_BYTES } from '@everopen/core';
import { parseDetails } from '../errors/parse-details.ts';

/*
 * One message of the pipe is a version byte and frames, one after the other; lengths are 32-bit, big-endian.
 *
 *   call     u32 id │ u32 milliseconds until the caller gives up │ text method │ u8 has key │ 16 bytes key? │
 *            text position that a read must have reached, or empty │ bytes request
 *   answer   u32 id │ u8 1 │ text position that the answer reflects, or empty │ bytes response
 *            u32 id │ u8 0 │ text code │ text message │ text details as JSON
 *
 * Requests and responses are the protobuf messages of the method.
 */
const VERSION = 1;

export interface CallFrame {
  readonly id: number;
  readonly timeoutMs: number;
  readonly method: string;
  readonly key: Uint8Array | undefined;
  readonly readAt: string | undefined;
  readonly request: Uint8Array;
}

export type AnswerFrame =
  | { readonly id: number; readonly position: string | undefined; readonly response: Uint8Array }
  | { readonly id: number; readonly error: CodedError };

export function beginFrames(writer: ByteWriter): ByteWriter {
  return writer.reset().u8(VERSION);
}

export function writeCall(writer: ByteWriter, call: CallFrame): void {
  writer
    .u32(call.id)
    .u32(call.timeoutMs)
    .text(call.method)
    .boolean(call.key !== undefined);
  if (call.key !== undefined) writer.raw(call.key);
  writer.text(call.readAt ?? '').bytes(call.request);
}

export function writeAnswer(writer: ByteWriter, answer: AnswerFrame): void {
  writer.u32(answer.id).boolean(!('error' in answer));
  if ('error' in answer) {
    const { code, message, details } = answer.error;
    writer.text(code).text(message).text(JSON.stringify(details));
  } else {
    writer.text(answer.position ?? '').bytes(answer.response);
  }
}

/** The calls of a message. Bytes that are none throw `Corrupt`; nothing of the message is believed then. */
export function readCalls(bytes: Uint8Array): CallFrame[] {
  return readFrames(bytes, (reader) => ({
    id: reader.u32(),
    timeoutMs: reader.u32(),
    method: reader.text(),
    key: reader.boolean() ? reader.raw(UUID_BYTES) : undefined,
    readAt: reader.text() || undefined,
    request: reader.bytes(),
  }));
}

export function readAnswers(bytes: Uint8Array): AnswerFrame[] {
  return readFrames(bytes, (reader): AnswerFrame => {
    const id = reader.u32();
    if (reader.boolean()) return { id, position: reader.text() || undefined, response: reader.bytes() };
    const code = reader.text();
    const message = reader.text();
    return { id, error: new CodedError(code, message, { details: parseDetails(reader.text()) }) };
  });
}

function readFrames<Frame>(bytes: Uint8Array, readOne: (reader: ByteReader) => Frame): Frame[] {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== VERSION)
    throw new CodedError('Corrupt', `The pipe speaks version ${version}, not ${VERSION}`);
  const frames: Frame[] = [];
  while (reader.remaining > 0) frames.push(readOne(reader));
  return frames;
}
