/** The few terminal control sequences that redrawing takes (ECMA-48: CUU, ED). */
const UP = (lines: number): string => `\u001b[${lines}A\r`;
const CLEAR_BELOW = '\u001b[J';

/** A block of lines at the end of a terminal's output that is replaced in place. */
export class RedrawnBlock {
  private readonly write: (text: string) => void;
  private height = 0;

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  /** Lines longer than the terminal must be cut by the caller: a wrapped one would count twice. */
  draw(lines: readonly string[]): void {
    this.write(`${this.erasure()}${lines.map((line) => `${line}\n`).join('')}`);
    this.height = lines.length;
  }

  /** Prints a line that stays, above the block; the next `draw` puts the block below it. */
  printAbove(line: string): void {
    this.write(`${this.erasure()}${line}\n`);
    this.height = 0;
  }

  private erasure(): string {
    return this.height === 0 ? '' : `${UP(this.height)}${CLEAR_BELOW}`;
  }
}
