import { CodedError, type Logger } from '@everopen/core';
import type { LogEvent, OrderedLog, Position } from '../log/ordered-log.ts';
import { DIGESTS, digestRow } from '../replicated/digest-rows.ts';
import { loadState } from '../replicated/load-state.ts';
import type { AppliedCommand, ReplicatedState } from '../replicated/replicated-state.ts';
import type { RowChange, TableSchema } from '../state/schema.ts';
import type { Store } from '../store/store.ts';
import type { ClockReporter } from '../time/clock-reporter.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { PositionGate } from './position-gate.ts';
import type { StoreSnapshots } from './store-snapshots.ts';
import type { StoreWriter } from './store-writer.ts';
import type { Submissions } from './submissions.ts';

export interface LogFollowerParts {
  readonly log: OrderedLog;
  readonly state: ReplicatedState;
  readonly store: Store;
  readonly snapshots: StoreSnapshots;
  readonly logger: Logger;
  /** Of this replica's own submissions. */
  readonly submitter: Uint8Array;
  /** Told how far the state is. */
  readonly applied: PositionGate;
  /** Told where the store is after a snapshot was installed. */
  readonly stored: PositionGate;
  readonly submissions: Submissions;
  readonly writer: StoreWriter;
  readonly checkpoints: Checkpoints;
  readonly reporter: ClockReporter;
  readonly members: readonly string[];
  readonly onFatal: (error: unknown) => void;
}

/** Commands applied between two hand-overs to the store. */
const COMMANDS_PER_BATCH = 256;

/** The one loop that takes what the log has committed, applies it, and tells everybody who waits for it. */
export class LogFollower {
  /** Who orders the log, as last reported by it. */
  members: readonly string[];
  /** While a snapshot takes the place of the state, there is none to read. */
  installing = false;
  private readonly parts: LogFollowerParts;
  private stopped = false;
  private readonly loop: Promise<void>;

  constructor(parts: LogFollowerParts) {
    this.parts = parts;
    this.members = parts.members;
    // Not before its owner is whole: it may fail at once.
    this.loop = Promise.resolve().then(() => this.follow());
  }

  /** What comes from now on is not applied any more. */
  stop(): void {
    this.stopped = true;
  }

  /** Resolves when the loop has ended: once it is stopped, and the log closed. */
  ended(): Promise<void> {
    return this.loop;
  }

  private async follow(): Promise<void> {
    try {
      for await (const event of this.parts.log.committed(this.parts.applied.position)) {
        if (this.stopped) return;
        await this.take(event);
      }
    } catch (error) {
      this.parts.onFatal(error);
    }
  }

  private async take(event: LogEvent): Promise<void> {
    switch (event.kind) {
      case 'commands':
        for (let at = 0; at < event.commands.length; at += COMMANDS_PER_BATCH) {
          await this.parts.writer.whenRoom();
          if (this.stopped) return;
          this.applyBatch(event.first + at, event.commands.slice(at, at + COMMANDS_PER_BATCH));
        }
        return;
      case 'configuration':
        this.members = event.members;
        this.parts.logger.info({ members: event.members, after: event.after }, event.description);
        return;
      case 'snapshot':
        await this.install(event.position, event.chunks);
        return;
    }
  }

  private applyBatch(first: Position, commands: readonly Uint8Array[]): void {
    if (first !== this.parts.applied.position + 1) {
      throw new CodedError('Corrupt', `The log goes on at ${first} after ${this.parts.applied.position}`);
    }
    const changes: RowChange[] = [];
    let bytes = 0;
    commands.forEach((command, i) => {
      const applied = this.parts.state.apply(first + i, command);
      for (const change of applied.changes) changes.push(change);
      bytes += command.length;
      this.settle(applied);
    });
    const position = first + commands.length - 1;
    this.parts.writer.add({ position, changes, digests: this.digestsOf(changes) });
    this.parts.applied.advance(position);
    this.parts.submissions.advance(position);
    this.parts.checkpoints.applied(commands.length, bytes);
  }

  private settle({ id, body, outcome }: AppliedCommand): void {
    if (body.kind === 'clock') {
      const own = Buffer.compare(id.submitter, this.parts.submitter) === 0;
      this.parts.reporter.reported({ member: body.member, wanted: body.wanted, own });
    } else {
      this.parts.reporter.worked();
    }
    this.parts.submissions.applied(id, outcome);
  }

  private digestsOf(changes: readonly RowChange[]): RowChange[] {
    const changed = new Map<string, TableSchema>();
    for (const { table } of changes) changed.set(table.name, table);
    return [...changed.values()].map((table) => ({
      table: DIGESTS as unknown as TableSchema,
      key: [table.name],
      row: digestRow(table, this.parts.state.tableDigest(table.name)),
    }));
  }

  private async install(position: Position, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { snapshots, state, store, logger } = this.parts;
    if (position <= this.parts.applied.position) return;
    logger.info({ position, applied: this.parts.applied.position }, 'Installing a snapshot from a peer');
    await this.parts.writer.discard();
    await snapshots.install(position, chunks);
    this.installing = true;
    await loadState(state, store);
    this.installing = false;
    this.parts.submissions.forgetAll('this replica was too far behind to see it');
    this.parts.applied.advance(position);
    this.parts.submissions.advance(position);
    this.parts.stored.advance(position);
  }
}
