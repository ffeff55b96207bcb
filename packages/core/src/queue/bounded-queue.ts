import { CodedError } from '../errors/coded-error.ts';

/** First in, first out, with a limit. A full queue refuses with `Overloaded`; it never grows or drops. */
export class BoundedQueue<T> {
  private items: (T | undefined)[] = [];
  private head = 0;
  readonly name: string;
  readonly limit: number;

  /** `name` appears in the error: "The {name} is full". */
  constructor(name: string, limit: number) {
    this.name = name;
    this.limit = limit;
  }

  get size(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    if (this.size >= this.limit) {
      throw new CodedError('Overloaded', `The ${this.name} is full (${this.limit})`, {
        details: { limit: this.limit },
      });
    }
    this.items.push(item);
  }

  peek(): T | undefined {
    return this.items[this.head];
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head++] = undefined;
    // Give back the dead front once it is at least half of the array: amortised constant time.
    if (this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Removes and returns everything. */
  drain(): T[] {
    const all = this.items.slice(this.head) as T[];
    this.items = [];
    this.head = 0;
    return all;
  }
}
