import { CodedError } from '@everopen/core';
import type { Word } from './script-line.ts';

/** The texts of a line's words, with the values of variables in them. `${last}` is the newest result. */
export function substitute(word: Word, variables: Readonly<Record<string, unknown>>): string {
  return word
    .map((segment) => (segment.type === 'text' ? segment.text : textOf(segment.path, variables)))
    .join('');
}

function textOf(path: string, variables: Readonly<Record<string, unknown>>): string {
  let value: unknown = variables;
  for (const step of path.split('.')) {
    const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
    if (!holds) throw new CodedError('InvalidArgument', `There is no \${${path}}`);
    value = (value as Record<string, unknown>)[step];
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
