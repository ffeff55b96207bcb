import type { Position } from '../ordered-log.ts';

/** The newest commands are kept in memory for the reader: up to this many bytes of them. */
const BYTES_MAX = 8 * 2 ** 20;

/** The newest commands of a log, so that a reader that keeps up needs no disk. */
export class RecentCommands {
  private commands: Uint8Array[] = [];
  private head = 0;
  private first: Position;
  private bytes = 0;

  /** @param first position of the next command added */
  constructor(first: Position) {
    this.first = first;
  }

  add(command: Uint8Array): void {
    this.commands.push(command);
    this.bytes += command.length;
    while (this.bytes > BYTES_MAX && this.head < this.commands.length - 1) this.drop();
  }

  /** Up to `count` commands from `position` on; undefined if the first of them is not held any more. */
  from(position: Position, count: number): Uint8Array[] | undefined {
    const at = position - this.first + this.head;
    if (position < this.first || at >= this.commands.length) return undefined;
    return this.commands.slice(at, at + count);
  }

  private drop(): void {
    this.bytes -= (this.commands[this.head] as Uint8Array).length;
    this.commands[this.head++] = DROPPED;
    this.first++;
    if (this.head * 2 > this.commands.length) {
      this.commands = this.commands.slice(this.head);
      this.head = 0;
    }
  }
}

const DROPPED = new Uint8Array(0);
