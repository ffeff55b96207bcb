/** Something that happens at a virtual time. */
export interface ScheduledEvent {
  readonly atMs: number;
  /** Breaks ties: events of one instant run in the order in which they were scheduled. */
  readonly order: number;
  /** Undefined once cancelled. */
  run: (() => void) | undefined;
}

/** A binary heap of events, ordered by time, then by insertion. */
export class EventQueue {
  private readonly heap: ScheduledEvent[] = [];
  private nextOrder = 0;

  get size(): number {
    return this.heap.length;
  }

  push(atMs: number, run: () => void): ScheduledEvent {
    const event: ScheduledEvent = { atMs, order: this.nextOrder++, run };
    const heap = this.heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as ScheduledEvent;
      if (!before(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
    return event;
  }

  peek(): ScheduledEvent | undefined {
    return this.heap[0];
  }

  pop(): ScheduledEvent | undefined {
    const heap = this.heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || top === last) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, heap[child] as ScheduledEvent)) child++;
      const below = heap[child] as ScheduledEvent;
      if (!before(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
