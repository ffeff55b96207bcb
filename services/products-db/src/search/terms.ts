import { foldCase } from '../validation/text.ts';

/** The words of a text: folded runs of letters, marks and digits, in their order, repetitions too. */
export function wordsOf(text: string): string[] {
  return foldCase(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

export function keywordTerm(keyword: string): string {
  return `k:${keyword}`;
}

export function nameTerm(word: string): string {
  return `w:${word}`;
}

/** A space, then each word followed by a space. */
export function spaced(words: readonly string[]): string {
  return ` ${words.map((word) => `${word} `).join('')}`;
}

/** A pattern for `LIKE … ESCAPE '\'` that finds a whole word in a spaced list. */
export function likeWord(word: string): string {
  return `% ${escapeLike(word)} %`;
}

/** A pattern for `LIKE … ESCAPE '\'` that finds a word with this beginning in a spaced list. */
export function likePrefix(prefix: string): string {
  return `% ${escapeLike(prefix)}%`;
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
