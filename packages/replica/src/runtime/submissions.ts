import { CodedError, isCodedError, type Clock, type Timer } from '@everopen/core';
import {
  encodeCommand,
  SUBMITTER_BYTES,
  type CommandBody,
  type SubmissionId,
} from '../command/command-envelope.ts';
import type { OrderedLog, Position } from '../log/ordered-log.ts';
import type { CommandOutcome } from '../replicated/replicated-state.ts';
import type { Answer } from './replica.ts';

const SWEEP_MS = 100;

interface Waiter {
  readonly deadlineMs: number;
  resolve(answer: Answer): void;
  reject(error: CodedError): void;
}

export interface SubmissionOptions {
  readonly log: OrderedLog;
  readonly clock: Clock;
  /** Random; drawn anew at each start. */
  readonly submitter: Uint8Array;
  readonly waitMsMax: number;
  readonly waitersMax: number;
}

/** Commands of this replica on their way through the log, and who waits for their answers. */
export class Submissions {
  private readonly options: SubmissionOptions;
  private readonly waiters = new Map<number, Waiter>();
  private numbers = 0;
  /** The highest position that the log gave to one of our commands. */
  private committed: Position = 0;
  private reached: Position = 0;
  private sweeper: Timer | undefined;
  private closed: CodedError | undefined;

  constructor(options: SubmissionOptions) {
    if (options.submitter.length !== SUBMITTER_BYTES) throw new RangeError('A submitter has 8 bytes');
    this.options = options;
  }

  get waiting(): number {
    return this.waiters.size;
  }

  /** Hands a command to the log; resolves once it was applied here. */
  submit(body: CommandBody): Promise<Answer> {
    const { log, clock, submitter, waitMsMax, waitersMax } = this.options;
    return new Promise((resolve, reject) => {
      if (this.closed !== undefined) throw this.closed;
      // Callers give up, but what the log has taken stays in it: so both are counted.
      if (this.waiters.size >= waitersMax || this.committed - this.reached >= waitersMax) {
        throw new CodedError('Overloaded', `Too many commands are under way (${waitersMax})`, {
          details: { limit: waitersMax },
        });
      }
      const number = ++this.numbers;
      const command = encodeCommand({ id: { submitter, number }, body });
      this.waiters.set(number, { deadlineMs: clock.monotonicMs() + waitMsMax, resolve, reject });
      this.sweeper ??= clock.setTimer(SWEEP_MS, () => this.sweep(), { background: true });
      log.submit(command).then(
        (position) => {
          this.committed = Math.max(this.committed, position);
        },
        (error: unknown) => this.settleError(number, error),
      );
    });
  }

  /** A command was applied. If it is ours, whoever waits for it is answered. */
  applied(id: SubmissionId, outcome: CommandOutcome): void {
    if (Buffer.compare(id.submitter, this.options.submitter) !== 0) return;
    const waiter = this.take(id.number);
    if (outcome.kind === 'refused') waiter?.reject(outcome.error);
    else waiter?.resolve({ result: outcome.result, position: outcome.position });
  }

  /** Everything up to here was applied. */
  advance(position: Position): void {
    this.reached = position;
  }

  /** Nobody can say what became of the commands under way. */
  forgetAll(reason: string): void {
    const waiters = [...this.waiters.values()];
    this.waiters.clear();
    for (const waiter of waiters) waiter.reject(unknown(reason));
  }

  close(error: CodedError): void {
    this.closed ??= error;
    this.sweeper?.cancel();
    this.forgetAll(error.message);
  }

  private settleError(number: number, error: unknown): void {
    this.take(number)?.reject(isCodedError(error) ? error : unknown(String(error)));
  }

  private take(number: number): Waiter | undefined {
    const waiter = this.waiters.get(number);
    this.waiters.delete(number);
    return waiter;
  }

  private sweep(): void {
    this.sweeper = undefined;
    const now = this.options.clock.monotonicMs();
    for (const [number, waiter] of this.waiters) {
      // All wait equally long, so the first that is in time ends the search.
      if (waiter.deadlineMs > now) break;
      this.take(number)?.reject(unknown(`no answer within ${this.options.waitMsMax} ms`));
    }
    if (this.waiters.size > 0 && this.closed === undefined) {
      this.sweeper = this.options.clock.setTimer(SWEEP_MS, () => this.sweep(), { background: true });
    }
  }
}

function unknown(reason: string): CodedError {
  return new CodedError('Unknown', `The command may or may not be executed: ${reason}`);
}
