import type { Parameter } from './shop-command.ts';

export const text = (name: string, question: string): Parameter => ({
  name,
  question,
  kind: { type: 'text' },
});
export const secret = (name: string, question: string): Parameter => ({
  name,
  question,
  kind: { type: 'secret' },
});
export const integer = (name: string, question: string): Parameter => ({
  name,
  question,
  kind: { type: 'integer' },
});
export const money = (name: string, question: string): Parameter => ({
  name,
  question,
  kind: { type: 'money' },
});
export const list = (name: string, question: string): Parameter => ({
  name,
  question,
  kind: { type: 'list' },
});
export const choice = (name: string, question: string, choices: readonly string[]): Parameter => ({
  name,
  question,
  kind: { type: 'choice', choices },
});

export const optional = (parameter: Parameter): Parameter => ({ ...parameter, optional: true });

/** Of every command that shows a list. */
export const PAGE: readonly Parameter[] = [
  optional(integer('limit', 'How many (1–100)')),
  optional(text('cursor', 'Cursor of the page before')),
];
