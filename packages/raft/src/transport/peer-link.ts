import { connect } from 'node:net';
import { ByteWriter, type Clock, type Logger, type Timer } from '@everopen/core';
import type { MemberId } from '../core/types.ts';
import { writeFrame } from '../wire/frames.ts';
import { FrameSocket } from './frame-socket.ts';
import { greet, HANDSHAKE_FRAME_BYTES_MAX, type Credentials, type Purpose } from './handshake.ts';

/** Redials are this far apart at first, then twice as far each time, up to the maximum, and jittered. */
const REDIAL_MS_MIN = 50;
const REDIAL_MS_MAX = 2_000;
const HANDSHAKE_MS_MAX = 3_000;
/** A peer that does not read is cut off here: its core asks again for what it misses. */
const UNSENT_BYTES_MAX = 16 * 1024 * 1024;
/** The listener answers each. A connection with so many unanswered carries nothing, though nothing may say so. */
export const PING_FRAME = { ping: 5, pong: 6 } as const;
const PING_MS = 1_000;
const UNANSWERED_MAX = 3;
/** A connection that broke sooner is dialled again with a delay, as one that cannot be made. */
const STABLE_MS = 250;

export interface PeerAddress {
  readonly id: MemberId;
  readonly host: string;
  readonly port: number;
}

export interface PeerLinkEvents {
  /** The connection broke. */
  lost(peer: MemberId): void;
  /** Nobody listens there: the process is gone. */
  refused(peer: MemberId): void;
}

/** The connection on which this member speaks to one peer. Redials for ever; what cannot be sent is dropped. */
export class PeerLink {
  private readonly peer: PeerAddress;
  private readonly credentials: Credentials;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly events: PeerLinkEvents;
  private connection: FrameSocket | undefined;
  private dialling: FrameSocket | undefined;
  private readonly outgoing = new ByteWriter(64 * 1024);
  private redialMs = REDIAL_MS_MIN;
  private timer: Timer | undefined;
  private unanswered = 0;
  private closed = false;

  constructor(
    peer: PeerAddress,
    credentials: Credentials,
    environment: { clock: Clock; logger: Logger },
    events: PeerLinkEvents,
  ) {
    this.peer = peer;
    this.credentials = credentials;
    this.clock = environment.clock;
    this.logger = environment.logger;
    this.events = events;
    this.dial();
  }

  get isOpen(): boolean {
    return this.connection !== undefined;
  }

  /** Puts a frame in line for `flush`. */
  send(kind: number, writeBody: (writer: ByteWriter) => void): void {
    if (this.connection !== undefined) writeFrame(this.outgoing, kind, writeBody);
  }

  /** All frames of a turn leave in one write. */
  flush(): void {
    if (this.outgoing.length === 0) return;
    const bytes = this.outgoing.finish();
    this.outgoing.reset();
    if (this.connection === undefined) return;
    this.connection.socket.write(bytes);
    if (this.connection.socket.writableLength > UNSENT_BYTES_MAX) {
      this.logger.warn({ peer: this.peer.id }, 'A member does not read what it is sent: hanging up');
      this.connection.destroy();
    }
  }

  /** The peer has called: it can be reached now. */
  peerIsThere(): void {
    if (this.timer === undefined || this.connection !== undefined) return;
    this.timer.cancel();
    this.dial();
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.dialling?.destroy();
    this.connection?.destroy();
  }

  private dial(): void {
    const { id } = this.peer;
    this.timer = undefined;
    void openConnection(
      this.peer,
      this.credentials,
      'messages',
      this.clock,
      (socket) => (this.dialling = socket),
    ).then(
      (connection) => this.opened(connection),
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') this.events.refused(id);
        else if (!this.closed) this.logger.debug({ peer: id, error }, 'A member cannot be reached');
        this.redial();
      },
    );
  }

  private opened(connection: FrameSocket): void {
    this.dialling = undefined;
    if (this.closed) return connection.destroy();
    this.connection = connection;
    this.unanswered = 0;
    const openedMs = this.clock.monotonicMs();
    connection.onFrame = ({ kind }): void => {
      if (kind === PING_FRAME.pong) this.unanswered = 0;
    };
    this.timer = this.clock.setTimer(PING_MS, () => this.ping(connection));
    connection.onClose = (): void => {
      this.timer?.cancel();
      this.connection = undefined;
      this.outgoing.reset();
      if (this.closed) return;
      this.events.lost(this.peer.id);
      if (this.clock.monotonicMs() - openedMs < STABLE_MS) return this.redial();
      this.redialMs = REDIAL_MS_MIN;
      // At once: if that is refused, the process is gone.
      this.dial();
    };
  }

  private ping(connection: FrameSocket): void {
    if (++this.unanswered > UNANSWERED_MAX) {
      this.logger.warn({ peer: this.peer.id }, 'A connection carries nothing any more: hanging up');
      return connection.destroy();
    }
    connection.send(PING_FRAME.ping, () => {});
    this.timer = this.clock.setTimer(PING_MS, () => this.ping(connection));
  }

  private redial(): void {
    if (this.closed) return;
    const delayMs = this.redialMs * (0.5 + this.credentials.random.float() / 2);
    this.redialMs = Math.min(REDIAL_MS_MAX, 2 * this.redialMs);
    this.timer = this.clock.setTimer(delayMs, () => this.dial());
  }
}

/** Dials, and completes the handshake. Rejects with the socket's error, or as `greet` does. */
export async function openConnection(
  peer: PeerAddress,
  credentials: Credentials,
  purpose: Purpose,
  clock: Clock,
  begun: (socket: FrameSocket) => void,
): Promise<FrameSocket> {
  const socket = new FrameSocket(connect({ host: peer.host, port: peer.port }), HANDSHAKE_FRAME_BYTES_MAX);
  begun(socket);
  const timer = clock.setTimer(HANDSHAKE_MS_MAX, () => socket.destroy());
  try {
    await greet(socket, credentials, peer.id, purpose);
    socket.allowLongFrames();
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    timer.cancel();
  }
}
