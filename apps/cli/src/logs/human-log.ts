import { neutralise } from '../terminal/neutralise.ts';
import type { Style } from '../terminal/style.ts';

const LEVELS: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
/** Said already by the time, the level or the name of the log. */
const SAID = new Set(['level', 'time', 'msg', 'node', 'pid', 'hostname', 'stack']);

/** A line of a log for people: time, level, sentence, then the facts. What is no JSON is shown as it is. */
export function humanLogLine(line: string, style: Style): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
    if (typeof entry !== 'object' || entry === null || typeof entry['msg'] !== 'string')
      throw new TypeError();
  } catch {
    return neutralise(line);
  }
  const time = new Date(Number(entry['time']));
  const clock = Number.isNaN(time.getTime()) ? '??:??:??.???' : time.toISOString().slice(11, 23);
  const level = LEVELS[Number(entry['level'])] ?? String(entry['level']);
  const paint =
    level === 'error' || level === 'fatal' ? style.red : level === 'warn' ? style.yellow : style.dim;
  const facts = Object.entries(entry)
    .filter(([key]) => !SAID.has(key))
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
  const stack =
    typeof entry['stack'] === 'string' ? `\n${entry['stack'].split('\n').map(neutralise).join('\n')}` : '';
  return `${style.dim(clock)} ${paint(level.padEnd(5))} ${neutralise(entry['msg'])}${style.dim(neutralise(facts))}${stack}`;
}
