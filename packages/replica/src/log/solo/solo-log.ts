import { CodedError, isCodedError, type Disk } from '@everopen/core';
import { openWriteAheadLog, type WalOptions, type WriteAheadLog } from '@everopen/wal';
import type { LogEvent, LogStatus, OrderedLog, Position } from '../ordered-log.ts';
import { RecentCommands } from './recent-commands.ts';

/** Commands of one event. */
const COMMANDS_PER_EVENT_MAX = 1000;
const COMMAND_BYTES_MAX = 20_000;

export interface SoloLogOptions {
  readonly member: string;
  readonly disk: Disk;
  /** Where and how the write-ahead log is kept. */
  readonly wal: WalOptions;
  /** The longest command. Default 20,000 bytes: 16 KiB and the envelope. */
  readonly commandBytesMax?: number;
}

interface Submission {
  readonly position: Position;
  resolve(position: Position): void;
  reject(error: CodedError): void;
}

/**
 * The ordered log of one replica alone: a command is committed when it is durable in the write-ahead log,
 * and its record number is its position. No network, no majority: what this disk loses is lost.
 */
class SoloLog implements OrderedLog {
  private readonly wal: WriteAheadLog;
  private readonly member: string;
  private readonly commandBytesMax: number;
  private readonly recent: RecentCommands;
  private submissions: Submission[] = [];
  private wakeReader: (() => void) | undefined;
  private reading = false;
  private closed = false;

  constructor(wal: WriteAheadLog, member: string, commandBytesMax: number) {
    this.wal = wal;
    this.member = member;
    this.commandBytesMax = commandBytesMax;
    this.recent = new RecentCommands(wal.appended + 1);
    wal.onDurable = (durable) => this.durable(durable);
    wal.onFailed = (error) => this.failed(error);
  }

  submit(command: Uint8Array): Promise<Position> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw closedError();
      if (command.length > this.commandBytesMax) {
        throw new CodedError('PayloadTooLarge', `A command of ${command.length} bytes`, {
          details: { bytes: command.length, limit: this.commandBytesMax },
        });
      }
      const position = this.append(command);
      this.recent.add(command);
      this.submissions.push({ position, resolve, reject });
    });
  }

  async *committed(after: Position): AsyncIterable<LogEvent> {
    if (this.reading) throw new Error('The log has a reader already');
    this.reading = true;
    try {
      if (after > this.wal.durable) {
        throw new CodedError('Corrupt', `The log ends at ${this.wal.durable}, before position ${after}`);
      }
      let next = after + 1;
      while (!this.closed) {
        if (next > this.wal.durable) {
          if (this.wal.failed !== undefined) throw this.wal.failed;
          await new Promise<void>((resolve) => (this.wakeReader = resolve));
          continue;
        }
        const held = this.recent.from(next, Math.min(this.wal.durable - next + 1, COMMANDS_PER_EVENT_MAX));
        if (held !== undefined) {
          yield { kind: 'commands', first: next, commands: held };
          next += held.length;
          continue;
        }
        for await (const commands of this.stored(next)) {
          if (this.closed) return;
          yield { kind: 'commands', first: next, commands };
          next += commands.length;
        }
      }
    } finally {
      this.reading = false;
    }
  }

  /** Alone, what is durable here is all that was ever acknowledged. */
  async readPoint(): Promise<Position> {
    if (this.closed) throw closedError();
    if (this.wal.failed !== undefined) throw notReady(this.wal.failed);
    return this.wal.durable;
  }

  async trim(upTo: Position): Promise<void> {
    if (this.closed) throw closedError();
    await this.wal.truncatePrefix(Math.min(upTo, this.wal.durable));
  }

  status(): LogStatus {
    const { failed, waitingForSpace } = this.wal;
    return {
      engine: 'solo',
      member: this.member,
      ready: !this.closed && failed === undefined && waitingForSpace === undefined,
      committed: this.wal.durable,
      first: this.wal.first,
      details: {
        logBytes: this.wal.size,
        appended: this.wal.appended,
        ...(failed === undefined ? {} : { failed: failed.message }),
        ...(waitingForSpace === undefined ? {} : { waitingForSpace: waitingForSpace.message }),
      },
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.wakeReader?.();
    try {
      await this.wal.close();
    } finally {
      this.rejectAll(new CodedError('Unknown', 'The log was closed before the command was durable'));
    }
  }

  private append(command: Uint8Array): Position {
    if (this.wal.failed !== undefined) throw notReady(this.wal.failed);
    try {
      return this.wal.append(command);
    } catch (error) {
      // A full disk is a state of the log; the command surely was not taken.
      if (isCodedError(error, 'DiskFull')) throw notReady(error);
      throw error;
    }
  }

  /** The records on disk, for a reader that is far behind. */
  private async *stored(from: Position): AsyncGenerator<Uint8Array[], void, undefined> {
    try {
      for await (const records of this.wal.read(from)) {
        // Copies: a machine may keep parts of a command, but not the whole buffer it came in.
        yield records.map(({ payload }) => Uint8Array.prototype.slice.call(payload));
      }
    } catch (error) {
      if (!isCodedError(error, 'NotFound')) throw error;
      throw new CodedError('Corrupt', `The log begins at ${this.wal.first}; position ${from} is needed`, {
        cause: error,
      });
    }
  }

  private durable(position: Position): void {
    let ready = 0;
    while (ready < this.submissions.length && (this.submissions[ready] as Submission).position <= position) {
      ready++;
    }
    for (const submission of this.submissions.splice(0, ready)) submission.resolve(submission.position);
    this.wake();
  }

  private failed(error: CodedError): void {
    this.rejectAll(new CodedError('Unknown', `The log has failed: ${error.message}`, { cause: error }));
    this.wake();
  }

  private wake(): void {
    this.wakeReader?.();
    this.wakeReader = undefined;
  }

  private rejectAll(error: CodedError): void {
    for (const submission of this.submissions.splice(0)) submission.reject(error);
  }
}

/** For `openReplica`: the log of a replica that is alone. */
export function soloLog(options: SoloLogOptions): () => Promise<OrderedLog> {
  return async () => {
    const wal = await openWriteAheadLog(options.disk, options.wal);
    return new SoloLog(wal, options.member, options.commandBytesMax ?? COMMAND_BYTES_MAX);
  };
}

function closedError(): CodedError {
  return new CodedError('Closed', 'The log is closed');
}

function notReady(cause: CodedError): CodedError {
  return new CodedError('NotReady', `The log takes no commands: ${cause.message}`, { cause });
}
