import { check } from './evs-checker.ts';

/** What one client asked for. */
interface Asked {
  readonly text: string;
  /** The highest position that had been answered anywhere when this was asked. */
  readonly floor: number;
}

/** The replicated log, checked over all processes of a world (D1 … D7 of the specification). */
export class LogChecker {
  /** The one history: what any replica committed. */
  readonly history: string[] = [];
  private readonly texts = new Set<string>();
  private readonly answers = new Map<string, number>();
  private readonly primaries = new Map<number, string>();
  private answeredUpTo = 0;
  asked = 0;

  get answered(): number {
    return this.answers.size;
  }

  ask(text: string): Asked {
    this.asked++;
    return { text, floor: this.answeredUpTo };
  }

  committed(member: string, first: number, commands: readonly Uint8Array[]): void {
    commands.forEach((command, i) => {
      const position = first + i;
      const text = Buffer.from(command).toString();
      const known = this.history[position - 1];
      if (known === undefined) {
        check(
          position === this.history.length + 1,
          'D1',
          () => `${member} committed ${position} out of order`,
        );
        check(!this.texts.has(text), 'D3', () => `${text} is committed twice, now at ${position}`);
        this.texts.add(text);
        this.history.push(text);
      }
      check(
        known === undefined || known === text,
        'D1',
        () => `${member}: ${position} is ${text}, was ${known}`,
      );
    });
  }

  answer({ text, floor }: Asked, position: number): void {
    check(
      this.history[position - 1] === text,
      'D3',
      () => `${text} was answered with ${position}, which it is not`,
    );
    check(!this.answers.has(text), 'D3', () => `${text} was answered twice`);
    check(position > floor, 'D4', () => `${text} is at ${position}, asked for after ${floor} was answered`);
    this.answers.set(text, position);
    this.answeredUpTo = Math.max(this.answeredUpTo, position);
  }

  read({ floor }: Asked, position: number): void {
    check(position >= floor, 'D5', () => `a read at ${position}, begun after ${floor} was answered`);
  }

  primary(seq: number, ring: string): void {
    const known = this.primaries.get(seq);
    check(
      known === undefined || known === ring,
      'D7',
      () => `two primaries of number ${seq}: ${known} and ${ring}`,
    );
    this.primaries.set(seq, ring);
  }

  finish(committed: readonly number[]): void {
    for (const position of this.answers.values()) {
      check(position <= this.history.length, 'D3', () => `position ${position} was answered and is gone`);
    }
    for (const length of committed) {
      const all = this.history.length;
      check(length === all, 'D6', () => `a replica has committed ${length} of ${all}`);
    }
  }
}
