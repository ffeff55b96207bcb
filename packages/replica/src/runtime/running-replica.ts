import { CodedError, isCodedError, type Clock, type Logger } from '@everopen/core';
import { createHash } from 'node:crypto';
import { FINGERPRINT_BYTES, type OnceKey } from '../command/command-envelope.ts';
import type { OrderedLog, Position } from '../log/ordered-log.ts';
import type { ReplicaMutations } from '../replicated/mutations.ts';
import type { ReplicatedState } from '../replicated/replicated-state.ts';
import type { RowOf, StoreQuery, Value } from '../state/schema.ts';
import type { Store } from '../store/store.ts';
import { ClockReporter, notFresh } from '../time/clock-reporter.ts';
import { Checkpoints } from './checkpoints.ts';
import { LogFollower } from './log-follower.ts';
import { PositionGate } from './position-gate.ts';
import { formatPositionToken, parsePositionToken } from './position-token.ts';
import { ReadPoints } from './read-points.ts';
import type { ReplicaLimits, ReplicaOptions } from './replica-options.ts';
import type { Answer, Consistency, ExecuteRequest, Replica, ReplicaStatus } from './replica.ts';
import type { StoreSnapshots } from './store-snapshots.ts';
import { StoreWriter } from './store-writer.ts';
import { Submissions } from './submissions.ts';

export interface RunningReplicaParts {
  readonly identity: ReplicaOptions['identity'];
  readonly state: ReplicatedState;
  readonly store: Store;
  readonly log: OrderedLog;
  readonly snapshots: StoreSnapshots;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ReplicaLimits;
  readonly clockMembers: readonly string[];
  readonly submitter: Uint8Array;
  readonly onFatal: (error: unknown) => void;
  readonly mutations: ReplicaMutations;
}

/** A replica at work: orders commands, answers reads. The follower applies what the log has committed. */
export class RunningReplica implements Replica {
  private readonly parts: RunningReplicaParts;
  private readonly applied: PositionGate;
  private readonly stored: PositionGate;
  private readonly submissions: Submissions;
  private readonly readPoints: ReadPoints;
  private readonly writer: StoreWriter;
  private readonly checkpoints: Checkpoints;
  private readonly reporter: ClockReporter;
  private readonly follower: LogFollower;
  private stopped: CodedError | undefined;

  constructor(parts: RunningReplicaParts) {
    this.parts = parts;
    const { store, log, clock, logger, limits, mutations, submitter } = parts;
    const onFatal = (error: unknown): void => this.fail(error);
    const gate = (name: string): PositionGate => {
      const opened = new PositionGate({
        name,
        clock,
        waitMsMax: limits.readWaitMsMax,
        waitersMax: limits.readsWaitingMax,
      });
      opened.advance(store.position);
      return opened;
    };
    this.applied = gate('state');
    this.stored = gate('store');
    this.submissions = new Submissions({
      log,
      clock,
      submitter,
      waitMsMax: limits.commandWaitMsMax,
      waitersMax: limits.commandsWaitingMax,
    });
    this.readPoints = new ReadPoints(log);
    this.writer = new StoreWriter({
      store,
      clock,
      logger,
      onFatal,
      mutations,
      stored: this.stored,
      backlogRowsMax: limits.backlogRowsMax,
    });
    this.checkpoints = new Checkpoints({
      store,
      log,
      clock,
      logger,
      onFatal,
      mutations,
      commandsMax: limits.checkpointCommands,
      bytesMax: limits.checkpointBytes,
      intervalMs: limits.checkpointIntervalMs,
    });
    this.reporter = new ClockReporter({
      member: parts.identity.member,
      members: parts.clockMembers,
      clock,
      submit: (body) => {
        this.submissions.submit(body).catch((error: unknown) => {
          logger.debug({ error: String(error) }, 'A clock report was lost');
        });
      },
    });
    parts.snapshots.follow(this.stored);
    this.follower = new LogFollower({
      ...parts,
      members: parts.identity.members,
      applied: this.applied,
      stored: this.stored,
      submissions: this.submissions,
      writer: this.writer,
      checkpoints: this.checkpoints,
      reporter: this.reporter,
      onFatal,
    });
  }

  async execute({ payload, once }: ExecuteRequest): Promise<Answer> {
    const { limits, state, mutations } = this.parts;
    this.assertRunning();
    if (payload.length > limits.payloadBytesMax) {
      throw new CodedError('PayloadTooLarge', `A command of ${payload.length} bytes`, {
        details: { bytes: payload.length, limit: limits.payloadBytesMax },
      });
    }
    // Better a command decided by an old time than none, as long as there is any time at all.
    if (state.nowMs > 0) await this.reporter.freshUnlessGivenUp();
    else if (!(await this.reporter.fresh())) {
      throw new CodedError('NotReady', 'Too few members have reported their clocks yet');
    }
    const key =
      once === undefined ? undefined : { ...once, fingerprint: once.fingerprint ?? hashOf(payload) };
    const answer = this.submissions.submit({
      kind: 'machine',
      once: key satisfies OnceKey | undefined,
      payload,
    });
    if (mutations.answerBeforeCommit !== true) return answer;
    return Promise.race([
      answer,
      Promise.resolve({ result: new Uint8Array(0), position: this.applied.position }),
    ]);
  }

  async read<T>(
    consistency: Consistency,
    read: (view: { position: Position; nowMs: number }) => T,
    options: { freshTime?: boolean } = {},
  ): Promise<{ value: T; position: Position }> {
    await this.reach(consistency, this.applied, options.freshTime === true);
    this.assertReadable();
    const { position } = this.applied;
    return { value: read({ position, nowMs: this.parts.state.nowMs }), position };
  }

  async query<Parameters extends readonly Value[]>(
    consistency: Consistency,
    query: StoreQuery<Parameters>,
    parameters: Parameters,
  ): Promise<{ rows: RowOf[]; position: Position }> {
    await this.reach(consistency, this.stored, false);
    this.assertReadable();
    const { position } = this.stored;
    return { rows: await this.parts.store.query(query, parameters), position };
  }

  async raiseFeatureLevel(level: number): Promise<void> {
    const known = this.parts.state.featureLevelMax;
    // In the log it would stop this replica at each start, for ever.
    if (!Number.isInteger(level) || level < 0 || level > known) {
      throw new CodedError('InvalidArgument', `level must be a whole number from 0 to ${known}`, {
        details: { field: 'level', limit: known },
      });
    }
    await this.submissions.submit({ kind: 'feature-level', level });
  }

  async checkpoint(): Promise<void> {
    this.assertRunning();
    await this.writer.flush();
    await this.checkpoints.run();
  }

  positionToken(position: Position): string {
    return formatPositionToken(this.parts.identity.epoch, position);
  }

  parsePositionToken(token: string): Consistency {
    return parsePositionToken(this.parts.identity.epoch, token);
  }

  status(): ReplicaStatus {
    const { identity, state, log } = this.parts;
    return {
      member: identity.member,
      log: log.status(),
      applied: this.applied.position,
      stored: this.stored.position,
      digest: state.digest(),
      logTimeMs: state.nowMs,
      featureLevel: state.featureLevel,
      members: this.follower.members,
      counts: {
        ...state.counts,
        commandsWaiting: this.submissions.waiting,
        readsWaiting: this.applied.waiting + this.stored.waiting,
        rowsWaiting: this.writer.backlogRows,
      },
    };
  }

  async close(): Promise<void> {
    if (this.stopped === undefined) {
      this.stop(new CodedError('Closed', 'The replica is closed'));
    }
    await this.parts.log.close();
    await this.follower.ended();
    await this.writer.flush();
    await this.writer.stop();
    await this.checkpoints.stop();
    await this.parts.store.close();
  }

  private async reach(consistency: Consistency, gate: PositionGate, freshTime: boolean): Promise<void> {
    this.assertRunning();
    if (freshTime && !(await this.reporter.fresh())) throw notFresh();
    const target = consistency.level === 'linearizable' ? await this.readPoints.next() : consistency.atLeast;
    await gate.wait(target);
  }

  private assertRunning(): void {
    if (this.stopped !== undefined) throw this.stopped;
  }

  private assertReadable(): void {
    this.assertRunning();
    if (this.follower.installing)
      throw new CodedError('NotReady', 'The state is being replaced by a newer one');
  }

  private fail(error: unknown): void {
    if (this.stopped !== undefined) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.parts.logger.error(
      { error, code: isCodedError(error) ? error.code : undefined },
      'The replica stops',
    );
    this.stop(new CodedError('NotReady', `The replica has stopped: ${reason}`, { cause: error }));
    this.parts.onFatal(error);
  }

  private stop(reason: CodedError): void {
    this.stopped = reason;
    this.follower.stop();
    this.submissions.close(reason);
    this.applied.close(reason);
    this.stored.close(reason);
    this.reporter.close();
    this.writer.letGo();
  }
}

function hashOf(payload: Uint8Array): Uint8Array {
  return createHash('sha256').update(payload).digest().subarray(0, FINGERPRINT_BYTES);
}
