import { CodedError } from '@everopen/core';

/** A script, and a line of it, are bounded: they may come from a pipe. */
export const SCRIPT_LINE_CHARS_MAX = 4_096;

/** Text, or the value of a variable that is known only when the line is run. */
export type Segment =
  | { readonly type: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly type: 'variable'; readonly path: string };

export type Word = readonly Segment[];

export interface ScriptLine {
  readonly number: number;
  /** As written, for messages. */
  readonly source: string;
  /** What must become of it. `try`: anything goes. `expect`: it must be refused with this code. */
  readonly demand: { readonly type: 'success' | 'try' } | { readonly type: 'expect'; readonly code: string };
  /** `let NAME = …` keeps the result under this name. */
  readonly keepAs: string | undefined;
  readonly command: string;
  readonly args: readonly Word[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/;
const VARIABLE_PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;

/**
 * Reads one line of a script: words apart by white space; "double quotes" with \" \\ \n \t and variables,
 * 'single quotes' as they are; ${name.path} anywhere else; # begins a comment. Undefined for an empty line,
 * `InvalidArgument` for one that cannot be read.
 *
 *     [- | try | expect CODE] [let NAME =] command argument … name=value …
 */
export function parseScriptLine(source: string, number: number): ScriptLine | undefined {
  if (source.length > SCRIPT_LINE_CHARS_MAX) {
    throw invalid(number, `a line may have ${SCRIPT_LINE_CHARS_MAX} characters`);
  }
  const words = splitWords(source, number);
  let demand: ScriptLine['demand'] = { type: 'success' };
  let keepAs: string | undefined;
  const first = plainText(words[0]);
  if (first === '-' || first === 'try') {
    words.shift();
    demand = { type: 'try' };
  } else if (first === 'expect') {
    words.shift();
    const code = plainText(words.shift());
    if (code === undefined || !/^[A-Z][A-Za-z]{2,40}$/.test(code)) {
      throw invalid(number, '"expect" needs an error code, such as OutOfStock');
    }
    demand = { type: 'expect', code };
  }
  if (plainText(words[0]) === 'let') {
    const [, name, equals] = words.splice(0, 3).map(plainText);
    if (name === undefined || !NAME.test(name) || equals !== '=') {
      throw invalid(number, '"let" is written: let NAME = command …');
    }
    keepAs = name;
  }
  if (words.length === 0) {
    if (first === undefined) return undefined;
    throw invalid(number, 'there is no command');
  }
  const command = plainText(words.shift());
  if (command === undefined) throw invalid(number, 'a command is a plain word');
  return { number, source: source.trim(), demand, keepAs, command, args: words };
}

/** The text of a word without quotes and variables; undefined for any other. */
function plainText(word: Word | undefined): string | undefined {
  const [segment, ...more] = word ?? [];
  return segment?.type === 'text' && !segment.quoted && more.length === 0 ? segment.text : undefined;
}

function splitWords(source: string, number: number): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < source.length) {
    if (/\s/.test(source[at] as string)) at++;
    else if (source[at] === '#') break;
    else {
      const { word, end } = readWord(source, at, number);
      words.push(word);
      at = end;
    }
  }
  return words;
}

function readWord(source: string, start: number, number: number): { word: Word; end: number } {
  const word: Segment[] = [];
  let at = start;
  while (at < source.length && !/\s/.test(source[at] as string)) {
    const character = source[at] as string;
    if (character === '"' || character === "'") {
      const { segments, end } = readQuoted(source, at, number);
      word.push(...segments);
      at = end;
    } else if (source.startsWith('${', at)) {
      const { segment, end } = readVariable(source, at, number);
      word.push(segment);
      at = end;
    } else {
      const from = at;
      while (at < source.length && !/[\s"']/.test(source[at] as string) && !source.startsWith('${', at)) at++;
      word.push({ type: 'text', text: source.slice(from, at), quoted: false });
    }
  }
  return { word, end: at };
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t', $: '$' };

function readQuoted(source: string, start: number, number: number): { segments: Segment[]; end: number } {
  const quote = source[start] as string;
  const segments: Segment[] = [];
  let text = '';
  for (let at = start + 1; at < source.length;) {
    const character = source[at] as string;
    if (character === quote) {
      segments.push({ type: 'text', text, quoted: true });
      return { segments, end: at + 1 };
    }
    if (quote === '"' && character === '\\') {
      const escaped = ESCAPES[source[at + 1] ?? ''];
      if (escaped === undefined)
        throw invalid(number, String.raw`in "quotes", \ stands before " \ $ n or t only`);
      text += escaped;
      at += 2;
    } else if (quote === '"' && source.startsWith('${', at)) {
      const { segment, end } = readVariable(source, at, number);
      segments.push({ type: 'text', text, quoted: true }, segment);
      text = '';
      at = end;
    } else {
      text += character;
      at++;
    }
  }
  throw invalid(number, `a ${quote} is not closed`);
}

function readVariable(source: string, start: number, number: number): { segment: Segment; end: number } {
  const close = source.indexOf('}', start);
  const path = close === -1 ? '' : source.slice(start + 2, close);
  if (!VARIABLE_PATH.test(path)) {
    throw invalid(number, 'a variable is written ${name}, or ${name.field} for a part of it');
  }
  return { segment: { type: 'variable', path }, end: close + 1 };
}

function invalid(line: number, problem: string): CodedError {
  return new CodedError('InvalidArgument', `line ${line}: ${problem}`, { details: { line } });
}
