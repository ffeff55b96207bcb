import { COMMON_WORDS } from './common-words.ts';

/**
 * True for a password that a guesser tries among the first hundred thousands: a common word or two with the
 * usual decorations (capitals, digits for letters, a year or an exclamation mark at the ends), digits alone,
 * a few characters over and over, a walk along the alphabet or the keyboard, or the account's own names.
 *
 * Rules instead of a list: the lists that go around are made of these patterns, and the rules also catch the
 * variants that are not on them. `own`: username and display name.
 */
export function isCommonPassword(password: string, own: readonly string[]): boolean {
  const text = password.toLowerCase();
  if (/^[\d\s.,/:+-]+$/.test(text) && text.length < DIGITS_ALONE_MIN) return true;
  if (isRepetition(text) || isWalk(text)) return true;
  const names = own.map(lettersOf).filter((name) => name.length >= OWN_NAME_MIN);
  return spellings(text).some((word) => COMMON_WORDS.has(word) || names.includes(word) || isTwoWords(word));
}

/** Fewer digits are dates, telephone and account numbers. */
const DIGITS_ALONE_MIN = 16;
const OWN_NAME_MIN = 3;
/** The part that must be left over once ends are stripped; shorter ones are not the password's substance. */
const CORE_MIN = 2;
const DECORATION_MAX = 6;

const LETTER_OF: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** The words that the password may be a decoration of. */
function spellings(text: string): string[] {
  const found = new Set<string>();
  for (const core of [text, text.replace(/^[^\p{L}]+/u, '')]) {
    for (let cut = 0; cut <= DECORATION_MAX && core.length - cut >= CORE_MIN; cut++) {
      const end = core.slice(core.length - cut);
      if (/\p{L}/u.test(end)) break;
      const kept = core.slice(0, core.length - cut);
      found.add(lettersOf(kept));
      found.add(lettersOf(undoDigits(kept, 'i')));
      found.add(lettersOf(undoDigits(kept, 'l')));
    }
  }
  return [...found];
}

function undoDigits(text: string, one: string): string {
  return text.replaceAll(/[0134578@$!]/g, (sign) => (sign === '1' ? one : (LETTER_OF[sign] ?? sign)));
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}]/gu, '');
}

function isTwoWords(text: string): boolean {
  for (let cut = 3; cut <= text.length - 3; cut++) {
    if (COMMON_WORDS.has(text.slice(0, cut)) && COMMON_WORDS.has(text.slice(cut))) return true;
  }
  return false;
}

/** "aaaaaaaa", "abcabcabc", "12121212!": one to four characters over and over. */
function isRepetition(text: string): boolean {
  return /^(.{1,4}?)\1+.?$/su.test(text);
}

const WALKS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol',
  'q1w2e3r4t5y6u7i8o9p0',
  'qazwsxedcrfvtgbyhnujmikolp',
  'zaq12wsxcde34rfvbgt56yhnmju78ik',
].flatMap((walk) => [walk, walk.split('').reverse().join('')]);

/** True if at most three stretches of walks make up the whole text: "qwerty12345", "abcdefgh". */
function isWalk(text: string): boolean {
  let rest = text;
  for (let stretch = 0; stretch < 3 && rest !== ''; stretch++) {
    let longest = 0;
    for (const walk of WALKS) {
      let length = Math.min(rest.length, walk.length);
      while (length > longest && !walk.includes(rest.slice(0, length))) length--;
      longest = Math.max(longest, length);
    }
    if (longest < 3) return rest.length === 1 && stretch > 0;
    rest = rest.slice(longest);
  }
  return rest === '';
}
