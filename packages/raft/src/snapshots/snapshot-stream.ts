import { createHash } from 'node:crypto';
import { CodedError } from '@everopen/core';
import type { MessageOf } from '../core/messages.ts';
import type { FrameSocket } from '../transport/frame-socket.ts';
import { readMessage, writeMessage } from '../wire/message-codec.ts';
import type { SnapshotFiles } from './snapshot-files.ts';

/**
 * On a connection of its own:
 *
 *     leader    begin      the core's snapshot message
 *     leader    chunk      bytes, as often as needed
 *     leader    end        32 bytes SHA-256 of all chunks
 *     follower  installed  when the follower's log begins behind the snapshot, durably
 */
const FRAME = { begin: 10, chunk: 11, end: 12, installed: 13 } as const;
const CHUNK_BYTES_MAX = 1024 * 1024;
/** Without a byte for so long, a transfer has failed. */
const IDLE_MS_MAX = 10_000;

export async function sendSnapshot(
  connection: FrameSocket,
  message: MessageOf<'snapshot'>,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  hangUpWhenIdle(connection);
  connection.send(FRAME.begin, (writer) => writeMessage(writer, message));
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES_MAX) {
      await connection.whenDrained();
      connection.send(FRAME.chunk, (writer) => writer.raw(chunk.subarray(at, at + CHUNK_BYTES_MAX)));
    }
  }
  connection.send(FRAME.end, (writer) => writer.raw(hash.digest()));
  await connection.next(FRAME.installed);
}

/**
 * @param install is called when the whole snapshot is on this disk; resolves when the log begins behind it
 */
export async function receiveSnapshot(
  connection: FrameSocket,
  files: SnapshotFiles,
  install: (message: MessageOf<'snapshot'>) => Promise<void>,
): Promise<void> {
  hangUpWhenIdle(connection);
  const message = readMessage(await connection.next(FRAME.begin));
  if (message.type !== 'snapshot') throw new CodedError('Corrupt', `A snapshot begins with ${message.type}`);
  let digest: Uint8Array = new Uint8Array(0);
  const chunks = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const { kind, body } = await connection.nextFrame();
      if (kind === FRAME.end) {
        digest = body;
        return;
      }
      if (kind !== FRAME.chunk) throw new CodedError('Corrupt', `A frame of kind ${kind} in a snapshot`);
      yield body;
    }
  };
  await files.receive(message.meta.index, chunks(), () => digest);
  await install(message);
  connection.send(FRAME.installed, () => {});
  connection.socket.end();
}

/** Ends a stream that was not read to its end, or not at all: its source may hold something for it. */
export async function letGo(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await chunks[Symbol.asyncIterator]().return?.();
}

function hangUpWhenIdle({ socket }: FrameSocket): void {
  socket.setTimeout(IDLE_MS_MAX, () => socket.destroy());
}
