import { createHash, type Hash } from 'node:crypto';

const MAX_LINES_DEFAULT = 20_000;

export interface TraceLine {
  readonly atMs: number;
  /** Who: a machine, a process, a client, "world". */
  readonly actor: string;
  /** What, as a person would say it: "loses power". */
  readonly what: string;
}

/**
 * What happened in a world, line by line, and a hash over all of it: two runs of one seed are the same run
 * exactly if their hashes are equal. Keeps the last lines only; the hash covers every line.
 */
export class Trace {
  private readonly now: () => number;
  private readonly maxLines: number;
  private readonly hasher: Hash = createHash('sha256');
  private kept: TraceLine[] = [];
  private noted = 0;

  constructor(now: () => number, maxLines: number = MAX_LINES_DEFAULT) {
    this.now = now;
    this.maxLines = maxLines;
  }

  /** Lines noted so far, the forgotten ones included. */
  get length(): number {
    return this.noted;
  }

  note(actor: string, what: string): void {
    const atMs = this.now();
    this.hasher.update(`${atMs} ${actor} ${what}\n`);
    this.noted++;
    this.kept.push({ atMs, actor, what });
    if (this.kept.length > 2 * this.maxLines) this.kept = this.kept.slice(-this.maxLines);
  }

  /** The last lines, oldest first. */
  lines(): readonly TraceLine[] {
    return this.kept.slice(-this.maxLines);
  }

  /** Of every line so far; hexadecimal. */
  hash(): string {
    return this.hasher.copy().digest('hex');
  }

  /** The last `count` lines as text, with times in seconds. */
  story(count: number = 60): string {
    const lines = this.lines().slice(-count);
    const omitted = this.noted - lines.length;
    const width = Math.max(0, ...lines.map((line) => line.actor.length));
    const told = lines.map(
      ({ atMs, actor, what }) =>
        `${(atMs / 1000).toFixed(6).padStart(12)} s  ${actor.padEnd(width)}  ${what}`,
    );
    return [...(omitted > 0 ? [`(${omitted} lines before)`] : []), ...told].join('\n');
  }
}
