import { invalid } from './invalid.ts';
import { isKnownCharacter } from './unicode-repertoire.ts';

/**
 * What every text of this database must be: well-formed Unicode without control characters, of characters
 * that every supported runtime knows (so that its normal form and its lower case never change), 1 to
 * `maxChars` code points long. White space at the ends is dropped, and the text brought to its normal
 * form C, so that equal texts are equal strings.
 */
export function checkText(text: string, field: string, maxChars: number): string {
  if (typeof text !== 'string') throw invalid(field, 'must be a text');
  if (LONE_SURROGATE.test(text)) throw invalid(field, 'is not well-formed Unicode');
  // A quick refusal before anything that costs more for a longer text.
  if (text.length > 16 * maxChars) throw tooLong(field, maxChars);
  if (CONTROL.test(text)) throw invalid(field, 'must not hold control characters');
  if (!ASCII.test(text) && !isKnownText(text)) {
    throw invalid(field, 'holds a character that is not part of the supported Unicode repertoire');
  }
  const normal = text.normalize('NFC').trim();
  if (normal === '') throw invalid(field, 'must not be empty');
  if (countCodePoints(normal) > maxChars) throw tooLong(field, maxChars);
  return normal;
}

/** As `checkText`, for one word of a seller's or searcher's keywords: folded, without white space. */
export function checkKeyword(text: string, field: string, maxChars: number): string {
  const keyword = foldCase(checkText(text, field, 16 * maxChars));
  if (/\s/u.test(keyword)) throw invalid(field, 'must be a single word');
  if (countCodePoints(keyword) > maxChars) throw tooLong(field, maxChars);
  return keyword;
}

/** The form in which words are compared: lower case, one sigma, normal form C. */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}

export function countCodePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return count;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const ASCII = /^[\u0020-\u007e]*$/;

function isKnownText(text: string): boolean {
  for (const character of text) if (!isKnownCharacter(character.codePointAt(0) as number)) return false;
  return true;
}

// C0, DEL, C1, line and paragraph separators, marks that change the direction of the text around them.
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

function tooLong(field: string, maxChars: number): Error {
  return invalid(field, `must be at most ${maxChars} characters`, { max: maxChars });
}
