import { CodedError } from '@everopen/core';
import type { LogEntry } from '../model/log-entry.ts';
import type { Processor } from '../model/processor.ts';
import type { Position } from './replicated-log.ts';

/** Names a submission; the host's own. */
export type Ticket = number;

interface Submission {
  readonly ticket: Ticket;
  readonly command: Uint8Array;
  /** The message that carried it last, and its place in it. */
  number: number | undefined;
  index: number;
  queued: boolean;
  /** Where it stands in this member's log; it may yet be cut off again. */
  position: Position | undefined;
}

/**
 * Commands submitted here, until they are committed. One that was sent in a ring that broke is looked for in the log that
 * the next ring starts from: if it is not there it never will be, and it is sent again. So each is ordered once.
 */
export class Submissions {
  private readonly me: Processor;
  private readonly limit: number;
  private readonly resubmitsOrdered: boolean;
  private queue: Submission[] = [];
  private queuedBytes = 0;
  private open = 0;
  private readonly sent = new Map<number, readonly Submission[]>();
  private readonly ordered = new Map<Position, Submission>();

  constructor(me: Processor, limit: number, resubmitsOrdered: boolean) {
    this.me = me;
    this.limit = limit;
    this.resubmitsOrdered = resubmitsOrdered;
  }

  /** Submitted and not yet committed. */
  get size(): number {
    return this.open;
  }

  get waitingBytes(): number {
    return this.queuedBytes;
  }

  submit(ticket: Ticket, command: Uint8Array): void {
    if (this.open >= this.limit) {
      throw new CodedError('Overloaded', `${this.limit} commands wait to be ordered`, {
        details: { limit: this.limit },
      });
    }
    this.open++;
    this.queuedBytes += cost(command);
    this.queue.push({ ticket, command, number: undefined, index: 0, queued: true, position: undefined });
  }

  /** The next commands, at least one if any waits, as message `number`. */
  take(maxBytes: number, number: number): Uint8Array[] {
    let count = 0;
    let bytes = 0;
    for (const { command } of this.queue) {
      bytes += cost(command);
      if (count > 0 && bytes > maxBytes) break;
      count++;
    }
    const taken = this.queue.splice(0, count);
    for (const [index, submission] of taken.entries()) {
      this.queuedBytes -= cost(submission.command);
      // Commands are sent in an established ring only: what carried them before is lost for ever.
      if (submission.number !== undefined) this.sent.delete(submission.number);
      Object.assign(submission, { number, index, queued: false });
    }
    if (taken.length > 0) this.sent.set(number, taken);
    return taken.map(({ command }) => command);
  }

  /** An entry of the log; it may be of my own. */
  appended(entry: LogEntry, end: Position): void {
    if (entry.origin !== this.me.id || entry.incarnation !== this.me.incarnation) return;
    const first = end - entry.commands.length + 1;
    for (const submission of this.sent.get(entry.number) ?? []) {
      submission.position = first + submission.index;
      this.ordered.set(submission.position, submission);
      if (submission.queued) this.unqueue(submission);
    }
  }

  /** The log has lost what stood after this position. */
  cut(after: Position): void {
    for (const [position, submission] of this.ordered) {
      if (position <= after) continue;
      submission.position = undefined;
      this.ordered.delete(position);
    }
  }

  /** The log is the one that the ring starts from: what was sent before and is not in it is lost, and waits again. */
  requeueLost(): void {
    const lost = [...this.sent.values()]
      .flat()
      .filter(({ queued, position }) => !queued && (position === undefined || this.resubmitsOrdered));
    for (const submission of lost) {
      submission.queued = true;
      this.queuedBytes += cost(submission.command);
    }
    this.queue = [...lost, ...this.queue];
  }

  /** Tickets of what is committed by now, each with its position. */
  committed(after: Position, upTo: Position): { ticket: Ticket; position: Position }[] {
    const answered: { ticket: Ticket; position: Position }[] = [];
    for (let position = after + 1; this.ordered.size > 0 && position <= upTo; position++) {
      const submission = this.ordered.get(position);
      if (submission === undefined) continue;
      this.ordered.delete(position);
      this.open--;
      answered.push({ ticket: submission.ticket, position });
      this.forget(submission);
    }
    return answered;
  }

  private forget({ number }: Submission): void {
    if (number === undefined) return;
    const rest = this.sent
      .get(number)
      ?.filter(({ position }) => position === undefined || this.ordered.has(position));
    if (rest === undefined || rest.length === 0) this.sent.delete(number);
    else this.sent.set(number, rest);
  }

  private unqueue(submission: Submission): void {
    submission.queued = false;
    this.queuedBytes -= cost(submission.command);
    this.queue = this.queue.filter((other) => other !== submission);
  }
}

/** An empty command waits too. */
function cost(command: Uint8Array): number {
  return command.length + 1;
}
