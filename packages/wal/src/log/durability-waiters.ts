import type { CodedError } from '@everopen/core';
import type { Sequence } from './write-ahead-log.ts';

interface Waiter {
  readonly sequence: Sequence;
  readonly resolve: () => void;
  readonly reject: (error: CodedError) => void;
}

/** Callers that wait for records to become durable, in the order of the records. */
export class DurabilityWaiters {
  private list: Waiter[] = [];
  private head = 0;

  add(sequence: Sequence): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { sequence, resolve, reject };
      let at = this.list.length;
      // Nearly always at the end: records are awaited in the order in which they are appended.
      while (at > this.head && (this.list[at - 1] as Waiter).sequence > sequence) at--;
      if (at === this.list.length) this.list.push(waiter);
      else this.list.splice(at, 0, waiter);
    });
  }

  /** Everything up to `durable` is safe. */
  resolveUpTo(durable: Sequence): void {
    const { list } = this;
    while (this.head < list.length && (list[this.head] as Waiter).sequence <= durable) {
      (list[this.head++] as Waiter).resolve();
    }
    if (this.head === list.length) {
      this.list = [];
      this.head = 0;
    }
  }

  /** Everything after `after` will not become durable. */
  rejectAfter(after: Sequence, error: CodedError): void {
    const rest = this.list.slice(this.head);
    this.list = rest.filter((waiter) => waiter.sequence <= after);
    this.head = 0;
    for (const waiter of rest) if (waiter.sequence > after) waiter.reject(error);
  }

  rejectAll(error: CodedError): void {
    this.rejectAfter(-1, error);
  }
}
