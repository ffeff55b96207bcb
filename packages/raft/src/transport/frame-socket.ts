import type { Socket } from 'node:net';
import { ByteWriter, CodedError, isCodedError } from '@everopen/core';
import { FrameReader, writeFrame, type Frame } from '../wire/frames.ts';

/** More frames than this wait in the system's buffers, and at the sender. */
const WAITING_FRAMES_MAX = 4;

/**
 * A TCP connection that carries frames. Until `onFrame` is set, frames wait for `next`. A broken frame ends the
 * connection: nothing behind it can be trusted.
 */
export class FrameSocket {
  readonly socket: Socket;
  /** Called once, when the connection is gone, with the reason if there is one. */
  onClose: ((error: Error | undefined) => void) | undefined;
  private reader: FrameReader;
  private handler: ((frame: Frame) => void) | undefined;
  private waiting: Frame[] = [];
  private wanted: { resolve(frame: Frame): void; reject(error: unknown): void } | undefined;
  private closedBy: Error | undefined;

  /** @param bytesMax of one frame, until `allow` is called */
  constructor(socket: Socket, bytesMax: number) {
    this.socket = socket;
    this.reader = new FrameReader(bytesMax);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (error) => (this.closedBy ??= error));
    socket.on('close', () => this.closed());
  }

  /** From now on frames may be as long as the protocol allows. Only between two frames. */
  allowLongFrames(): void {
    this.reader = new FrameReader();
  }

  set onFrame(handler: (frame: Frame) => void) {
    this.handler = handler;
    for (const frame of this.waiting.splice(0)) this.dispatch(frame);
  }

  /** The next frame. A peer that sends faster than frames are taken is made to wait. */
  async nextFrame(): Promise<Frame> {
    const frame = this.waiting.shift() ?? (await this.arrival());
    if (this.waiting.length === 0) this.socket.resume();
    return frame;
  }

  /** The next frame's body; `Corrupt` unless it is of this kind. */
  async next(kind: number): Promise<Uint8Array> {
    const frame = await this.nextFrame();
    if (frame.kind !== kind)
      throw new CodedError('Corrupt', `A frame of kind ${frame.kind} instead of ${kind}`);
    return frame.body;
  }

  /** Resolves when the peer has taken enough of what was sent; rejects when the connection is gone. */
  whenDrained(): Promise<void> {
    const { socket } = this;
    if (socket.destroyed) return Promise.reject(this.closedBy ?? closedError());
    if (!socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        socket.off('drain', settle).off('close', settle);
        if (socket.destroyed) reject(this.closedBy ?? closedError());
        else resolve();
      };
      socket.on('drain', settle).on('close', settle);
    });
  }

  send(kind: number, writeBody: (writer: ByteWriter) => void): boolean {
    const writer = new ByteWriter();
    writeFrame(writer, kind, writeBody);
    return this.socket.write(writer.view());
  }

  destroy(error?: Error): void {
    this.closedBy ??= error;
    this.socket.destroy();
  }

  private arrival(): Promise<Frame> {
    if (this.socket.destroyed) return Promise.reject(this.closedBy ?? closedError());
    return new Promise((resolve, reject) => (this.wanted = { resolve, reject }));
  }

  private receive(chunk: Buffer): void {
    try {
      for (const frame of this.reader.push(chunk)) this.dispatch(frame);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      this.destroy(error);
    }
  }

  private dispatch(frame: Frame): void {
    if (this.socket.destroyed) return;
    if (this.handler !== undefined) return this.handler(frame);
    if (this.wanted === undefined) {
      this.waiting.push(frame);
      if (this.waiting.length >= WAITING_FRAMES_MAX) this.socket.pause();
    } else {
      this.wanted.resolve(frame);
      this.wanted = undefined;
    }
  }

  private closed(): void {
    this.wanted?.reject(this.closedBy ?? closedError());
    this.wanted = undefined;
    this.onClose?.(this.closedBy);
    this.onClose = undefined;
  }
}

function closedError(): CodedError {
  return new CodedError('Closed', 'The connection was closed');
}
