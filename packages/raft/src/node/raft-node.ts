import {
  isCodedError,
  type ByteWriter,
  type Clock,
  type Disk,
  type Logger,
  type Random,
  type Timer,
} from '@everopen/core';
import type { WalOptions } from '@everopen/wal';
import type { RaftLimits } from '../core/limits.ts';
import type { Message } from '../core/messages.ts';
import { RaftCore } from '../core/raft-core.ts';
import type { Ready } from '../core/ready.ts';
import type { Configuration, Index, MemberId } from '../core/types.ts';
import { SnapshotFiles } from '../snapshots/snapshot-files.ts';
import { letGo, receiveSnapshot, sendSnapshot } from '../snapshots/snapshot-stream.ts';
import { openRaftStorage, type RaftStorage } from '../storage/raft-storage.ts';
import type { FrameSocket } from '../transport/frame-socket.ts';
import type { Credentials } from '../transport/handshake.ts';
import type { PeerAddress } from '../transport/peer-link.ts';
import { TcpTransport, type TransportEvents } from '../transport/tcp-transport.ts';
import type { Frame } from '../wire/frames.ts';
import { readMessage, writeMessage } from '../wire/message-codec.ts';

/** The kind of frame that carries a message of the core; the engine's own kinds are above it. */
const MESSAGE_FRAME = 20;
/** A snapshot that failed is asked for again after so long. */
const SNAPSHOT_RETRY_MS = 1_000;

export interface RaftNodeOptions {
  readonly id: MemberId;
  readonly credentials: Credentials;
  readonly listen: { readonly host: string; readonly port: number };
  /** Everybody else who is or may become a member. */
  readonly peers: readonly PeerAddress[];
  readonly founding: Configuration;
  readonly disk: Disk;
  /** Holds `log` and `snapshots`. */
  readonly directory: string;
  readonly wal: Partial<WalOptions>;
  readonly limits: Partial<RaftLimits>;
  readonly tickMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface RaftNodeEvents {
  /** Before what happened in a turn is gathered: the last chance to add to it. */
  beforeTurn(): void;
  /** After a turn. */
  afterTurn(ready: Ready): void;
  /** A frame of the engine's. */
  frame(from: MemberId, frame: Frame): void;
  /** The connection to a peer broke: what was sent to it may be lost. */
  lost(peer: MemberId): void;
  /** The state at or behind an index, for a follower. */
  snapshot(atLeast: Index): Promise<{ readonly index: Index; readonly chunks: AsyncIterable<Uint8Array> }>;
  /** This member cannot go on: its disk or an invariant has failed. It says nothing to anybody any more. */
  failed(error: unknown): void;
}

/**
 * Drives a `RaftCore`: one turn of the event loop takes in everything that has arrived, asks the core once what is to
 * be done, writes it in one batch and sends it with one write for each peer.
 */
export class RaftNode {
  readonly core: RaftCore;
  readonly files: SnapshotFiles;
  private readonly options: RaftNodeOptions;
  private readonly storage: RaftStorage;
  private readonly events: RaftNodeEvents;
  private transport: TcpTransport | undefined;
  private isDue = false;
  private stopped = false;
  private tickTimer: Timer | undefined;
  private readonly retryTimers = new Set<Timer>();
  private installing: { readonly index: Index; resolve(): void }[] = [];

  private constructor(
    options: RaftNodeOptions,
    events: RaftNodeEvents,
    core: RaftCore,
    storage: RaftStorage,
    files: SnapshotFiles,
  ) {
    this.options = options;
    this.events = events;
    this.core = core;
    this.storage = storage;
    this.files = files;
    storage.onPersisted = (seq): void => this.guard(() => core.persisted(seq));
    storage.onFailed = (error): void => this.fail(error);
  }

  /** `events` is called from the first turn on, which comes after this has resolved. */
  static async open(
    options: RaftNodeOptions,
    eventsOf: (node: () => RaftNode) => RaftNodeEvents,
  ): Promise<RaftNode> {
    const { id, disk, directory, founding, limits, random } = options;
    const files = await SnapshotFiles.open(disk, `${directory}/snapshots`);
    const wal = { ...options.wal, directory: `${directory}/log`, logger: options.logger };
    const { storage, restored } = await openRaftStorage({ disk, wal, founding });
    const core = new RaftCore({ id, restored, random, limits });
    const node: RaftNode = new RaftNode(
      options,
      eventsOf(() => node),
      core,
      storage,
      files,
    );
    try {
      node.transport = await TcpTransport.open({ ...options, events: node.transportEvents() });
    } catch (error) {
      await storage.close();
      throw error;
    }
    node.scheduleTick();
    return node;
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.transport?.address ?? this.options.listen;
  }

  get isFull(): boolean {
    return this.storage.isFull;
  }

  get logBytes(): number {
    return this.storage.bytes;
  }

  /** There is something for the next turn. */
  wake(): void {
    if (this.isDue || this.stopped) return;
    this.isDue = true;
    setImmediate(() => this.turn());
  }

  isConnected(peer: MemberId): boolean {
    return this.transport?.isOpen(peer) === true;
  }

  /** Sends a frame of the engine's with this turn. */
  send(to: MemberId, kind: number, writeBody: (writer: ByteWriter) => void): void {
    this.transport?.send(to, kind, writeBody);
    this.wake();
  }

  /** The state up to `index` is durable: forgets the log up to `keepFrom`, and snapshots that are no longer needed. */
  async forget(durable: Index, keepFrom: Index): Promise<void> {
    const base = this.core.compact(Math.min(durable, keepFrom));
    if (base !== undefined) await this.storage.compact(base);
    await this.files.removeUpTo(durable);
  }

  async close(): Promise<void> {
    this.stop();
    await this.transport?.close();
    await this.storage.close();
  }

  private turn(): void {
    this.isDue = false;
    this.guard(
      () => {
        this.events.beforeTurn();
        const ready = this.core.takeReady();
        if (ready.persist !== undefined) this.storage.write(ready.persist);
        for (const message of ready.messages) this.sendMessage(message);
        for (const { to, atLeast } of ready.snapshotRequests) void this.sendSnapshot(to, atLeast);
        this.events.afterTurn(ready);
        this.transport?.flush();
        for (const waiting of this.installing) if (waiting.index <= this.core.applicable) waiting.resolve();
        this.installing = this.installing.filter(({ index }) => index > this.core.applicable);
      },
      { wakes: false },
    );
  }

  /** Timers run before sockets are read: a tick waits for what the sockets hold, or a pause would look like silence. */
  private scheduleTick(): void {
    this.tickTimer = this.options.clock.setTimer(this.options.tickMs, () =>
      setImmediate(() => {
        if (this.stopped) return;
        this.guard(() => this.tick());
        this.scheduleTick();
      }),
    );
  }

  /** A member whose disk is full neither leads nor wants to; it goes on listening, and acknowledges nothing new. */
  private tick(): void {
    if (this.storage.isFull) this.core.resign();
    else this.core.tick();
  }

  private sendMessage(message: Message): void {
    this.transport?.send(message.to, MESSAGE_FRAME, (writer) => writeMessage(writer, message));
  }

  private transportEvents(): TransportEvents {
    return {
      frame: (from, frame) => this.guard(() => this.receive(from, frame)),
      lost: (peer) =>
        this.guard(() => {
          this.core.unreachable(peer);
          this.events.lost(peer);
        }),
      refused: (peer) => this.guard(() => this.core.suspect(peer)),
      snapshot: (from, connection) => void this.takeSnapshotIn(from, connection),
    };
  }

  private receive(from: MemberId, frame: Frame): void {
    try {
      if (frame.kind !== MESSAGE_FRAME) return this.events.frame(from, frame);
      const message = readMessage(frame.body);
      if (message.from === from) this.core.step(message);
    } catch (error) {
      // Like any other message, one that cannot be read is lost.
      if (!isCodedError(error, 'Corrupt')) throw error;
      this.options.logger.warn({ from, error }, 'A message could not be read');
    }
  }

  private async sendSnapshot(to: MemberId, atLeast: Index): Promise<void> {
    const { logger, clock, id } = this.options;
    // As it is now: by the time that the state is at hand, another member may lead, and this one not speak for its term.
    const { term } = this.core.status;
    try {
      const { index, chunks } = await this.events.snapshot(atLeast);
      let connection: FrameSocket | undefined;
      try {
        const meta = this.core.log.metaAt(index);
        connection = await (this.transport as TcpTransport).dialForSnapshot(to);
        await sendSnapshot(connection, { type: 'snapshot', from: id, to, term, meta }, chunks);
      } finally {
        connection?.destroy();
        await letGo(chunks);
      }
      logger.info({ to, index }, 'A snapshot was installed');
      this.guard(() => this.core.snapshotInstalled(to, index));
    } catch (error) {
      logger.warn({ to, error }, 'A snapshot could not be sent');
      if (this.stopped) return;
      const timer = clock.setTimer(SNAPSHOT_RETRY_MS, () => {
        this.retryTimers.delete(timer);
        this.guard(() => this.core.snapshotFailed(to));
      });
      this.retryTimers.add(timer);
    }
  }

  private async takeSnapshotIn(from: MemberId, connection: FrameSocket): Promise<void> {
    try {
      await receiveSnapshot(connection, this.files, (message) => {
        this.guard(() => {
          if (message.from === from) this.core.step(message);
        });
        return new Promise((resolve) => this.installing.push({ index: message.meta.index, resolve }));
      });
    } catch (error) {
      this.options.logger.warn({ from, error }, 'A snapshot was not received');
      connection.destroy();
    }
  }

  /** Runs something that changes the core. What it throws is a broken invariant: better dead than wrong. */
  private guard(action: () => void, { wakes = true }: { readonly wakes?: boolean } = {}): void {
    if (this.stopped) return;
    try {
      action();
    } catch (error) {
      this.fail(error);
    }
    if (wakes) this.wake();
  }

  private fail(error: unknown): void {
    if (this.stopped) return;
    this.options.logger.error({ error }, 'This member has failed');
    this.stop();
    void this.transport?.close();
    this.events.failed(error);
  }

  private stop(): void {
    this.stopped = true;
    this.tickTimer?.cancel();
    for (const timer of this.retryTimers) timer.cancel();
  }
}
