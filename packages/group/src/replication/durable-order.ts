/**
 * Ties the places in a ring's order to the writes that they caused: a place is durable here once every write begun up to
 * then has finished. Writes finish in their order.
 */
export class DurableOrder {
  private started = 0;
  private finished = 0;
  private waiting: { seq: number; write: number }[] = [];

  /** No write is under way. */
  get idle(): boolean {
    return this.finished === this.started;
  }

  isFinished(write: number): boolean {
    return write <= this.finished;
  }

  /** A new ring: its places start anew. */
  begin(): void {
    this.waiting = [];
  }

  /** The number of a new write. */
  write(): number {
    return ++this.started;
  }

  /** A place was received, after the writes that it causes were begun. Returns it if it is durable at once. */
  received(seq: number): number | undefined {
    if (this.idle) return seq;
    this.waiting.push({ seq, write: this.started });
    return undefined;
  }

  /** Returns the place up to which everything is durable now, if that has changed. */
  persisted(write: number): number | undefined {
    this.finished = Math.max(this.finished, write);
    let seq: number | undefined;
    while (this.waiting.length > 0 && (this.waiting[0] as { write: number }).write <= this.finished) {
      seq = this.waiting.shift()?.seq;
    }
    return seq;
  }
}
