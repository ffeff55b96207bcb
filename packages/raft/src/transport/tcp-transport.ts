import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ByteWriter, Clock, Logger } from '@everopen/core';
import type { MemberId } from '../core/types.ts';
import type { Frame } from '../wire/frames.ts';
import { FrameSocket } from './frame-socket.ts';
import { HANDSHAKE_FRAME_BYTES_MAX, welcome, type Credentials } from './handshake.ts';
import { openConnection, PeerLink, PING_FRAME, type PeerAddress, type PeerLinkEvents } from './peer-link.ts';

const HANDSHAKE_MS_MAX = 3_000;
/** Per peer: its messages, its snapshots, and what has not hung up yet. */
const CONNECTIONS_PER_PEER_MAX = 8;

export interface TransportOptions {
  readonly credentials: Credentials;
  readonly listen: { readonly host: string; readonly port: number };
  readonly peers: readonly PeerAddress[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: TransportEvents;
}

export interface TransportEvents extends PeerLinkEvents {
  frame(from: MemberId, frame: Frame): void;
  /** A peer wants to stream a snapshot on this connection. */
  snapshot(from: MemberId, connection: FrameSocket): void;
}

/** Every member dials every other: one connection for each direction, so that half-open ones show. */
export class TcpTransport {
  private readonly options: TransportOptions;
  private readonly server: Server;
  private readonly links = new Map<MemberId, PeerLink>();
  private readonly accepted = new Set<FrameSocket>();
  private readonly speaking = new Map<MemberId, FrameSocket>();

  private constructor(options: TransportOptions, server: Server) {
    this.options = options;
    this.server = server;
    server.maxConnections = CONNECTIONS_PER_PEER_MAX * Math.max(1, options.peers.length);
    server.on('connection', (socket) => void this.accept(socket));
  }

  /** Rejects with the system's error if the address cannot be used. */
  static async open(options: TransportOptions): Promise<TcpTransport> {
    const server = createServer();
    const transport = new TcpTransport(options, server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.listen, () => resolve());
    });
    server.on('error', (error) => options.logger.error({ error }, 'The listening socket failed'));
    const { peers, credentials, events } = options;
    for (const peer of peers) transport.links.set(peer.id, new PeerLink(peer, credentials, options, events));
    return transport;
  }

  /** Where others reach this member; the port is the real one when 0 was asked for. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: this.options.listen.host, port: (this.server.address() as AddressInfo).port };
  }

  isOpen(peer: MemberId): boolean {
    return this.links.get(peer)?.isOpen === true;
  }

  send(to: MemberId, kind: number, writeBody: (writer: ByteWriter) => void): void {
    this.links.get(to)?.send(kind, writeBody);
  }

  flush(): void {
    for (const link of this.links.values()) link.flush();
  }

  /** A connection of its own, so that a large state delays no heartbeat. */
  async dialForSnapshot(to: MemberId): Promise<FrameSocket> {
    const { peers, credentials, clock } = this.options;
    const peer = peers.find(({ id }) => id === to);
    if (peer === undefined) throw new Error(`The address of member ${to} is not known`);
    return openConnection(peer, credentials, 'snapshot', clock, (socket) => this.keep(socket));
  }

  async close(): Promise<void> {
    for (const link of this.links.values()) link.close();
    for (const socket of this.accepted) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async accept(raw: Socket): Promise<void> {
    const { credentials, clock, logger, events } = this.options;
    const socket = new FrameSocket(raw, HANDSHAKE_FRAME_BYTES_MAX);
    this.keep(socket);
    const timer = clock.setTimer(HANDSHAKE_MS_MAX, () => socket.destroy());
    try {
      const { from, purpose } = await welcome(socket, credentials);
      if (purpose === 'snapshot') events.snapshot(from, socket);
      else this.listenTo(from, socket);
    } catch (error) {
      logger.warn({ address: raw.remoteAddress, error }, 'A connection was refused');
      socket.destroy();
    } finally {
      timer.cancel();
    }
  }

  /** A peer speaks on one connection: an older one is half-open, or left over from before its restart. */
  private listenTo(from: MemberId, socket: FrameSocket): void {
    this.speaking.get(from)?.destroy();
    this.speaking.set(from, socket);
    socket.onClose = (): void => {
      if (this.speaking.get(from) === socket) this.speaking.delete(from);
    };
    socket.onFrame = (frame): void => {
      if (frame.kind === PING_FRAME.ping) socket.send(PING_FRAME.pong, () => {});
      else if (this.speaking.get(from) === socket) this.options.events.frame(from, frame);
    };
    this.links.get(from)?.peerIsThere();
  }

  private keep(socket: FrameSocket): void {
    this.accepted.add(socket);
    socket.socket.on('close', () => this.accepted.delete(socket));
  }
}
