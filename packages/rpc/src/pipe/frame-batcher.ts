import { ByteWriter } from '@everopen/core';
import { beginFrames } from './frames.ts';

/**
 * A message is sent early once it has so many bytes. With the largest request on top, a message of calls
 * stays under the 64 KiB that a server takes.
 */
export const CALLS_MESSAGE_BYTES = 32 * 1024;
export const ANSWERS_MESSAGE_BYTES = 256 * 1024;

export interface FrameBatcher {
  /** Adds a frame to the message of this turn. */
  add(write: (writer: ByteWriter) => void): void;
}

/** Collects the frames of one turn of the event loop and sends them as one message at its end. */
export function frameBatcher(messageBytes: number, send: (message: Uint8Array) => void): FrameBatcher {
  const writer = beginFrames(new ByteWriter(4096));
  const empty = writer.length;
  let scheduled = false;
  const flush = (): void => {
    scheduled = false;
    if (writer.length === empty) return;
    const message = writer.finish();
    beginFrames(writer);
    send(message);
  };
  return {
    add: (write) => {
      write(writer);
      if (writer.length >= messageBytes) flush();
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    },
  };
}
