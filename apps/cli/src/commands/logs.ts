import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { CommandFailure, EXIT } from '../failure.ts';
import { humanLogLine } from '../logs/human-log.ts';
import { styleFor } from '../terminal/style.ts';

const POLL_EVERY_MS = 200;
const LINES_SHOWN = 50;

/** `everopen logs [NODE] [-f]`: the newest lines of one log, or of all. */
export async function logs(
  name: string | undefined,
  flags: { data: string; follow?: boolean; lines?: string; json?: boolean },
): Promise<number> {
  const count = flags.lines === undefined ? LINES_SHOWN : Number(flags.lines);
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new CommandFailure(
      EXIT.usage,
      `--lines must be a number from 0 on, got ${JSON.stringify(flags.lines)}`,
    );
  }
  const directory = join(flags.data, 'logs');
  const known = existsSync(directory)
    ? readdirSync(directory)
        .filter((file) => file.endsWith('.log'))
        .map((file) => file.slice(0, -'.log'.length))
        .sort()
    : [];
  if (known.length === 0) throw new CommandFailure(EXIT.notRunning, `There are no logs in ${directory}`);
  if (name !== undefined && !known.includes(name)) {
    throw new CommandFailure(
      EXIT.refused,
      `There is no log of ${JSON.stringify(name)}; there are ${known.join(', ')}`,
    );
  }
  const names = name === undefined ? known : [name];
  const style = styleFor(process.stdout, process.env);
  const width = Math.max(...names.map(({ length }) => length));
  const show = (from: string, line: string): void => {
    const text = flags.json === true ? line : humanLogLine(line, style);
    console.log(
      names.length === 1 || flags.json === true ? text : `${style.cyan(from.padEnd(width))} ${text}`,
    );
  };

  const tails = names.map((from) => new Tail(join(directory, `${from}.log`)));
  const first = await Promise.all(tails.map((tail) => tail.read()));
  const lines = first.flatMap((all, at) =>
    all.slice(-count || all.length).map((line) => ({ from: names[at] as string, line, time: timeOf(line) })),
  );
  if (count > 0)
    for (const { from, line } of lines.sort((a, b) => a.time - b.time).slice(-count)) show(from, line);
  while (flags.follow === true) {
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
    for (const [at, tail] of tails.entries()) {
      for (const line of await tail.read()) show(names[at] as string, line);
    }
  }
  return EXIT.fine;
}

function timeOf(line: string): number {
  const match = /"time":(\d+)/.exec(line);
  return match === null ? 0 : Number(match[1]);
}

/** Reads what was appended to a file since the last time; begins anew when the file was emptied. */
class Tail {
  private readonly path: string;
  private at = 0;
  private rest = '';
  private decoder = new StringDecoder('utf8');

  constructor(path: string) {
    this.path = path;
  }

  async read(): Promise<string[]> {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < this.at) {
      this.at = 0;
      this.rest = '';
      this.decoder = new StringDecoder('utf8');
    }
    if (size === this.at) return [];
    for await (const chunk of createReadStream(this.path, { start: this.at, end: size - 1 })) {
      this.rest += this.decoder.write(chunk as Buffer);
    }
    this.at = size;
    const lines = this.rest.split('\n');
    this.rest = lines.pop() ?? '';
    return lines;
  }
}
