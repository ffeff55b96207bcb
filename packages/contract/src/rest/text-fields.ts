import { z } from 'zod';
import { LIMITS } from '../limits/limits.ts';

/**
 * Control characters, line and paragraph separators, and the marks that reorder what a reader sees
 * (Unicode's bidirectional embeddings, overrides and isolates): none of them belongs into a name.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
/** Spaces, joiners, fillers and marks alone leave a reader nothing to see. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const BLANK_LETTERS = /[\u115f\u1160\u2800\u3164\uffa0]/gu;
/** Half of a pair of surrogates: not text, and not to be stored as such. */
const LONE_SURROGATE = /\p{Cs}/u;

/** Characters as people count them: code points. A pair of surrogates is one. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Well-formed Unicode without control characters. */
export function isPrintable(text: string): boolean {
  return !LONE_SURROGATE.test(text) && !UNPRINTABLE.test(text);
}

function isVisible(text: string): boolean {
  return VISIBLE.test(text.replace(BLANK_LETTERS, ''));
}

/** One line of text for people: 1 to `maxChars` characters (code points), printable, not blank at its ends. */
export function lineOfText(maxChars: number) {
  return z
    .string()
    .max(maxChars * 2, `Must have at most ${maxChars} characters`)
    .refine((text) => text !== '', 'Must not be empty')
    .refine((text) => characters(text) <= maxChars, `Must have at most ${maxChars} characters`)
    .refine(isPrintable, 'Must not hold control characters')
    .refine((text) => text.trim() === text, 'Must not begin or end with white space')
    .refine((text) => text === '' || isVisible(text), 'Must hold something that can be seen')
    .meta({ minLength: 1, maxLength: maxChars });
}

/** Usernames are unique as typed; letters, digits and `. _ @ + -`, so that no two look alike by white space. */
export const usernameField = z
  .string()
  .max(LIMITS.usernameMaxChars * 2, `Must have at most ${LIMITS.usernameMaxChars} characters`)
  .refine(
    (text) => characters(text) >= 1 && characters(text) <= LIMITS.usernameMaxChars,
    `Must have 1 to ${LIMITS.usernameMaxChars} characters`,
  )
  .refine((text) => /^[\p{L}\p{N}._@+-]*$/u.test(text), 'May hold letters, digits and . _ @ + - only')
  .refine((text) => text.normalize('NFC') === text, 'Must be in Unicode normalization form C')
  .meta({ minLength: 1, maxLength: LIMITS.usernameMaxChars, example: 'ada' });

/** A password that is being chosen. Whether it is too common is the server's question. */
export const newPasswordField = z
  .string()
  .max(LIMITS.passwordMaxChars * 2, `Must have at most ${LIMITS.passwordMaxChars} characters`)
  .refine(
    (text) => characters(text) >= LIMITS.passwordMinChars,
    `Must have at least ${LIMITS.passwordMinChars} characters`,
  )
  .refine(
    (text) => characters(text) <= LIMITS.passwordMaxChars,
    `Must have at most ${LIMITS.passwordMaxChars} characters`,
  )
  .refine((text) => !LONE_SURROGATE.test(text), 'Must be well-formed Unicode')
  .meta({
    minLength: LIMITS.passwordMinChars,
    maxLength: LIMITS.passwordMaxChars,
    example: 'correct horse battery staple',
  });

/** A password that is being checked: any text, so that an answer never says what passwords look like. */
export const givenPasswordField = z
  .string()
  .max(LIMITS.passwordMaxChars * 2, 'Is longer than any password')
  .meta({ example: 'correct horse battery staple' });

export const displayNameField = lineOfText(LIMITS.displayNameMaxChars).meta({ example: 'Ada Lovelace' });
export const itemNameField = lineOfText(LIMITS.itemNameMaxChars).meta({ example: 'Brass lamp' });
export const keywordField = lineOfText(LIMITS.keywordMaxChars).meta({ example: 'lamp' });
export const sessionLabelField = lineOfText(LIMITS.sessionLabelMaxChars).meta({ example: 'phone' });
