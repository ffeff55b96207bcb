import {
  ByteReader,
  CodedError,
  cryptoRandom,
  isCodedError,
  silentLogger,
  systemClock,
  type Clock,
  type Timer,
} from '@everopen/core';
import type { Ready } from '../core/ready.ts';
import type { ReadId } from '../core/raft-state.ts';
import type { Configuration, Index, MemberId } from '../core/types.ts';
import { RaftNode, type RaftNodeEvents } from '../node/raft-node.ts';
import type { Frame } from '../wire/frames.ts';
import { readCommitted } from './committed-reader.ts';
import type { LogEvent, LogStatus, Position, SnapshotSource } from './ordered-log.ts';
import { Proposals } from './proposals.ts';
import type { RaftLogOptions, RaftMemberAddress } from './raft-log-options.ts';
import { REQUEST_FRAME, Requests, writeAnswer } from './requests.ts';

const COMMAND_BYTES_MAX = 20_000;
const SUBMISSIONS_MAX = 10_000;
/** Commands of this member's own that are on their way: half of what a connection takes before it is cut off. */
const SUBMISSION_BYTES_MAX = 8 * 1024 * 1024;
const WAIT_MS_MAX = 5_000;
const TICK_MS = 20;
const TRAILING_ENTRIES = 10_000;
const TRAILING_BYTES = 16 * 1024 * 1024;
const KEY_BYTES_MIN = 16;
/** How often those who wait too long are looked for. */
const SWEEP_MS = 100;

/** A command or a read point that somebody waits for. */
interface Call {
  readonly deadlineMs: number;
  /** Of a command; a read point has none. */
  readonly command: Uint8Array | undefined;
  /** Where it is: waiting for a leader, in this member's log, or with another member. */
  stage: 'parked' | 'proposed' | 'forwarded';
  /** Its number, while another member has it. */
  request: number | undefined;
  /** Asked by another member: only this one's own leadership can answer. */
  readonly isForeign: boolean;
  settle(outcome: Position | CodedError): void;
}

/**
 * An ordered log over Raft. Any member takes commands: a follower hands them to the leader. Whoever asks while there
 * is no leader is made to wait for one.
 */
export class RaftLogEngine {
  private readonly options: RaftLogOptions;
  private readonly clock: Clock;
  private readonly snapshots: SnapshotSource;
  private readonly node: RaftNode;
  private readonly proposals: Proposals;
  private readonly requests: Requests;
  private readonly calls = new Set<Call>();
  /** Of the commands among them that were not asked by another member. */
  private ownBytes = 0;
  private parked: Call[] = [];
  private readers: Call[] = [];
  /** As it was when the parked calls were last dispatched. */
  private leadership = '';
  private readonly reads = new Map<ReadId, Call[]>();
  private wakeReader: (() => void) | undefined;
  private reading = false;
  private closed = false;
  private failure: unknown;
  private sweeper: Timer | undefined;

  private constructor(options: RaftLogOptions, snapshots: SnapshotSource, node: RaftNode) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.snapshots = snapshots;
    this.node = node;
    this.proposals = new Proposals(node.core);
    this.requests = new Requests(options.random ?? cryptoRandom);
    this.sweepSoon();
  }

  /** Rejects as the write-ahead log does, with `InvalidArgument`, or with the system's error for the address. */
  static async open(options: RaftLogOptions, snapshots: SnapshotSource): Promise<RaftLogEngine> {
    const self = checked(options);
    const engine: RaftLogEngine = new RaftLogEngine(
      options,
      snapshots,
      await RaftNode.open(
        {
          id: self.id,
          credentials: {
            cluster: options.cluster,
            key: options.key,
            self: self.id,
            random: options.random ?? cryptoRandom,
          },
          listen: self,
          peers: options.members.filter(({ id }) => id !== self.id),
          founding: {
            voters: idsOf(options, options.founders ?? options.members.map(({ name }) => name)),
            learners: [],
          },
          disk: options.disk,
          directory: options.directory,
          wal: { identity: `raft ${options.cluster} ${self.id}`, ...options.wal },
          limits: { commandMaxBytes: commandBytesMax(options), ...options.limits },
          tickMs: options.tickMs ?? TICK_MS,
          clock: options.clock ?? systemClock,
          random: options.random ?? cryptoRandom,
          logger: options.logger ?? silentLogger,
        },
        () => eventsFor(() => engine),
      ),
    );
    engine.node.wake();
    return engine;
  }

  submit(command: Uint8Array): Promise<Position> {
    const limit = commandBytesMax(this.options);
    if (command.length > limit) {
      return Promise.reject(
        new CodedError('PayloadTooLarge', `A command of ${command.length} bytes`, {
          details: { bytes: command.length, limit },
        }),
      );
    }
    return this.call(command);
  }

  readPoint(): Promise<Position> {
    return this.call(undefined);
  }

  async *committed(after: Position): AsyncGenerator<LogEvent, void, undefined> {
    if (this.reading) throw new Error('The log has a reader already');
    this.reading = true;
    try {
      yield* readCommitted(after, {
        node: this.node,
        changed: () => new Promise((resolve) => (this.wakeReader = resolve)),
        isClosed: () => this.closed,
        failure: () => this.failure,
        nameOf: (member) => this.nameOf(member),
      });
    } finally {
      this.reading = false;
    }
  }

  async trim(upTo: Position): Promise<void> {
    if (this.closed) throw closedError();
    const { log } = this.node.core;
    // The log begins behind a snapshot that the state does not hold yet: it is still needed.
    if (upTo < log.snapshot.commands) return;
    const durable = upTo === log.snapshot.commands ? log.snapshot.index : log.indexOfCommand(upTo);
    if (durable === undefined) throw new CodedError('InvalidArgument', `Position ${upTo} is not in the log`);
    await this.node.forget(durable, this.keepFrom(durable));
  }

  status(): LogStatus {
    const { core, isFull, logBytes } = this.node;
    const { role, term, leader, commit, durable } = core.status;
    const { voters, learners } = core.log.configuration;
    return {
      engine: 'raft',
      member: this.options.member,
      ready: !this.closed && this.failure === undefined && leader !== 0,
      committed: core.log.commandsUpTo(commit),
      first: core.log.snapshot.commands + 1,
      details: {
        role,
        term,
        leader: leader === 0 ? null : this.nameOf(leader),
        commit,
        durable,
        lastIndex: core.log.lastIndex,
        voters: voters.map((id) => this.nameOf(id)),
        learners: learners.map((id) => this.nameOf(id)),
        logBytes,
        isDiskFull: isFull,
      },
    };
  }

  /** Hands leadership to another member, or to nobody in particular. For a planned stop. Throws `NotReady` or `InvalidArgument`. */
  transferLeadership(to?: string): void {
    if (to === undefined) this.node.core.resign();
    else this.node.core.transferLeadership(idsOf(this.options, [to])[0] as MemberId);
    this.node.wake();
  }

  /** Adds, removes, promotes or demotes one voter, or any learners, by their names. Only the leader can. */
  changeConfiguration(next: {
    readonly voters: readonly string[];
    readonly learners: readonly string[];
  }): void {
    const configuration: Configuration = {
      voters: idsOf(this.options, next.voters),
      learners: idsOf(this.options, next.learners),
    };
    this.node.core.changeConfiguration(configuration);
    this.node.wake();
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.node.address;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.sweeper?.cancel();
    this.endReader();
    try {
      await this.node.close();
    } finally {
      this.settleAll();
    }
  }

  // From the node.

  beforeTurn(): void {
    const { role, term, leader } = this.node.core.status;
    const leadership = `${role} ${term} ${leader}`;
    if (leadership !== this.leadership) this.dispatchParked();
    this.leadership = leadership;
    const readers = this.readers.splice(0);
    if (readers.length > 0) this.beginRead(readers);
  }

  afterTurn(ready: Ready): void {
    this.proposals.settle();
    for (const { id, index } of ready.reads) this.endRead(id, index);
    for (const id of ready.failedReads) {
      for (const call of this.reads.get(id) ?? []) this.park(call);
      this.reads.delete(id);
    }
    this.endReader();
  }

  frame(from: MemberId, { kind, body }: Frame): void {
    if (kind === REQUEST_FRAME.answer) return this.requests.answered(body);
    if (kind !== REQUEST_FRAME.submit && kind !== REQUEST_FRAME.readPoint) return;
    const reader = new ByteReader(body);
    const request = reader.u48();
    const command = kind === REQUEST_FRAME.submit ? new Uint8Array(reader.raw(reader.remaining)) : undefined;
    this.begin(command, true, (outcome) => {
      this.node.send(from, REQUEST_FRAME.answer, (writer) => writeAnswer(writer, request, outcome));
    });
  }

  lost(peer: MemberId): void {
    this.requests.lost(peer);
  }

  async snapshot(atLeast: Index): Promise<{ index: Index; chunks: AsyncIterable<Uint8Array> }> {
    const { log } = this.node.core;
    const { position, chunks } = await this.snapshots.snapshot(log.commandsUpTo(atLeast));
    const index =
      log.indexOfCommand(position) ?? (position === log.snapshot.commands ? log.snapshot.index : undefined);
    if (index === undefined) throw new CodedError('NotFound', `The state at ${position} is behind the log`);
    return { index, chunks };
  }

  failed(error: unknown): void {
    this.failure = error;
    this.settleAll();
    this.endReader();
    this.options.onFailed?.(error);
  }

  // Calls.

  private call(command: Uint8Array | undefined): Promise<Position> {
    return new Promise((resolve, reject) => {
      this.begin(command, false, (outcome) => (isCodedError(outcome) ? reject(outcome) : resolve(outcome)));
    });
  }

  private begin(
    command: Uint8Array | undefined,
    isForeign: boolean,
    done: (outcome: Position | CodedError) => void,
  ): void {
    if (this.closed) return done(closedError());
    if (this.failure !== undefined)
      return done(new CodedError('NotReady', 'This member has failed', { cause: this.failure }));
    const limit = this.options.submissionsMax ?? SUBMISSIONS_MAX;
    if (this.calls.size >= limit) {
      return done(
        new CodedError('Overloaded', 'Too many commands and reads are on their way', { details: { limit } }),
      );
    }
    const bytes = isForeign || command === undefined ? 0 : command.length;
    if (bytes > 0 && this.ownBytes + bytes > SUBMISSION_BYTES_MAX) {
      return done(
        new CodedError('Overloaded', 'Too many bytes of commands are on their way', {
          details: { limit: SUBMISSION_BYTES_MAX },
        }),
      );
    }
    this.ownBytes += bytes;
    const call: Call = {
      command,
      isForeign,
      stage: 'parked',
      request: undefined,
      deadlineMs: this.clock.monotonicMs() + (this.options.waitMsMax ?? WAIT_MS_MAX),
      settle: (outcome) => {
        if (call.request !== undefined) this.requests.giveUp(call.request);
        if (!this.calls.delete(call)) return;
        this.ownBytes -= bytes;
        done(outcome);
      },
    };
    this.calls.add(call);
    this.dispatch(call);
  }

  /** To this member's log, or to the leader; or back to those who wait for one. */
  private dispatch(call: Call): void {
    if (!this.calls.has(call)) return;
    const { role, leader } = this.node.core.status;
    if (role === 'leader') {
      if (call.command === undefined) this.readers.push(call);
      else this.propose(call, call.command);
      this.node.wake();
    } else if (call.isForeign) {
      call.settle(new CodedError('NotReady', 'This member does not lead'));
    } else if (leader !== 0 && this.node.isConnected(leader)) {
      this.forward(call, leader);
    } else {
      call.stage = 'parked';
      this.parked.push(call);
    }
  }

  private dispatchParked(): void {
    for (const call of this.parked.splice(0)) this.dispatch(call);
  }

  private propose(call: Call, command: Uint8Array): void {
    try {
      const place = this.node.core.propose(command);
      call.stage = 'proposed';
      this.proposals.add({
        place,
        committed: (position) => call.settle(position),
        lost: () => this.park(call),
        unknown: (error) => call.settle(error),
      });
    } catch (error) {
      if (!isCodedError(error)) throw error;
      // Leadership is changing hands.
      if (error.code === 'NotReady') this.park(call);
      else call.settle(error);
    }
  }

  private forward(call: Call, leader: MemberId): void {
    const { command } = call;
    call.stage = 'forwarded';
    const request = this.requests.open(
      leader,
      (position) => call.settle(position),
      (error) => {
        // Surely not ordered, or only read: ask again, whoever leads then.
        if (error.code === 'NotReady' || (command === undefined && error.code === 'Unknown')) this.park(call);
        else call.settle(error);
      },
    );
    call.request = request;
    this.node.send(
      leader,
      command === undefined ? REQUEST_FRAME.readPoint : REQUEST_FRAME.submit,
      (writer) => {
        writer.u48(request);
        if (command !== undefined) writer.raw(command);
      },
    );
  }

  /** Tried again when leadership has changed, and now and then. */
  private park(call: Call): void {
    if (call.isForeign) return call.settle(new CodedError('NotReady', 'This member no longer leads'));
    call.stage = 'parked';
    if (this.calls.has(call)) this.parked.push(call);
  }

  private beginRead(readers: Call[]): void {
    try {
      this.reads.set(this.node.core.read(), readers);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      for (const call of readers) {
        if (error.code === 'NotReady') this.park(call);
        else call.settle(error);
      }
    }
  }

  private endRead(id: ReadId, index: Index): void {
    const position = this.node.core.log.commandsUpTo(index);
    for (const call of this.reads.get(id) ?? []) call.settle(position);
    this.reads.delete(id);
  }

  private sweepSoon(): void {
    this.sweeper = this.clock.setTimer(SWEEP_MS, () => {
      const now = this.clock.monotonicMs();
      for (const call of this.calls) if (call.deadlineMs <= now) call.settle(tooLate(call));
      if (this.parked.length > 0) this.dispatchParked();
      if (!this.closed) this.sweepSoon();
    });
  }

  private settleAll(): void {
    for (const call of this.calls) {
      call.settle(
        call.stage === 'parked' ? closedError() : new CodedError('Unknown', 'The log was closed meanwhile'),
      );
    }
  }

  private endReader(): void {
    this.wakeReader?.();
    this.wakeReader = undefined;
  }

  /** Behind a durable state, some of the log is kept for members that were away briefly. */
  private keepFrom(durable: Index): Index {
    const { trailingEntries = TRAILING_ENTRIES, trailingBytes = TRAILING_BYTES } = this.options;
    const { log } = this.node.core;
    let kept = Math.min(trailingEntries, durable);
    while (kept > 0 && log.bytesBetween(durable - kept, durable) > trailingBytes) kept = kept >> 1;
    return durable - kept;
  }

  private nameOf(member: MemberId): string {
    return this.options.members.find(({ id }) => id === member)?.name ?? `${member}`;
  }
}

/** For `openReplica`, or on its own: the ordered log of one member of a Raft cluster. */
export function raftLog(
  options: RaftLogOptions,
): (context: { readonly snapshots: SnapshotSource }) => Promise<RaftLogEngine> {
  return ({ snapshots }) => RaftLogEngine.open(options, snapshots);
}

function eventsFor(engine: () => RaftLogEngine): RaftNodeEvents {
  return {
    beforeTurn: () => engine().beforeTurn(),
    afterTurn: (ready) => engine().afterTurn(ready),
    frame: (from, frame) => engine().frame(from, frame),
    lost: (peer) => engine().lost(peer),
    snapshot: (atLeast) => engine().snapshot(atLeast),
    failed: (error) => engine().failed(error),
  };
}

function checked(options: RaftLogOptions): RaftMemberAddress {
  const self = options.members.find(({ name }) => name === options.member);
  if (self === undefined) throw invalid('member', `${options.member} is not one of the members`);
  if (options.key.length < KEY_BYTES_MIN) throw invalid('key', `has fewer than ${KEY_BYTES_MIN} bytes`);
  const ids = options.members.map(({ id }) => id);
  if (new Set(ids).size !== ids.length || !ids.every((id) => Number.isSafeInteger(id) && id > 0)) {
    throw invalid('members', 'need different ids, whole numbers from 1 on');
  }
  return self;
}

function idsOf(options: RaftLogOptions, names: readonly string[]): MemberId[] {
  return names.map((name) => {
    const member = options.members.find((one) => one.name === name);
    if (member === undefined) throw invalid('members', `do not include ${name}`);
    return member.id;
  });
}

function commandBytesMax(options: RaftLogOptions): number {
  return options.commandBytesMax ?? COMMAND_BYTES_MAX;
}

function tooLate({ stage, command }: Call): CodedError {
  if (stage === 'parked' || command === undefined)
    return new CodedError('NotReady', 'No leader was found in time');
  return new CodedError('Unknown', 'The command was not decided in time');
}

function closedError(): CodedError {
  return new CodedError('Closed', 'The log is closed');
}

function invalid(field: string, what: string): CodedError {
  return new CodedError('InvalidArgument', `${field} ${what}`, { details: { field } });
}
