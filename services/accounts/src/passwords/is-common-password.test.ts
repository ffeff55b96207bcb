import { describe, expect, it } from 'vitest';
import { isCommonPassword } from './is-common-password.ts';

const own = ['ada.lovelace', 'Countess Ada'];

describe('a common password', () => {
  it.each([
    ['password', 'a word'],
    ['Password1', 'a word with a capital and a digit'],
    ['P@ssw0rd!2024', 'digits and signs for letters, a year at the end'],
    ['1loveyou!', 'digits for letters'],
    ['123dragon', 'digits before'],
    ['sunshine99', 'digits after'],
    ['12345678', 'counting'],
    ['87654321', 'counting down'],
    ['19841231', 'a date'],
    ['0171-5551234', 'a telephone number'],
    ['aaaaaaaa', 'one character'],
    ['abcabcabc', 'three characters'],
    ['12121212!', 'two characters, and one to please the form'],
    ['abcdefgh', 'the alphabet'],
    ['qwertyuiop', 'the keyboard'],
    ['1q2w3e4r5t', 'the keyboard, zigzag'],
    ['zaq12wsx', 'the keyboard, columns'],
    ['qwerty12345', 'two walks'],
    ['adalovelace', 'the own username without its dot'],
    ['Ada.Lovelace7', 'the own username with a digit'],
    ['CountessAda1', 'the own display name'],
    ['letmein!!', 'a phrase'],
    ['monkeydragon', 'two common words'],
  ])('is %s (%s)', (password) => {
    expect(isCommonPassword(password, own)).toBe(true);
  });

  it.each([
    ['plum tree by the gate'],
    ['correct horse battery staple'],
    ['tr0ub4dor&3'],
    ['xk8-Lq2vZ!'],
    ['Schraubenzieher7'],
    ['my dragon eats pancakes'],
    ['3141592653589793'],
    ['日本語の合言葉です'],
  ])('is not %s', (password) => {
    expect(isCommonPassword(password, own)).toBe(false);
  });

  it('decides on the longest password there may be, without patterns that take for ever', () => {
    const longest = [
      'a1'.repeat(512),
      `${'1'.repeat(1_023)}x`,
      '💥'.repeat(512),
      '!'.repeat(1_024),
      'dragon '.repeat(146),
    ];
    expect(longest.map((password) => isCommonPassword(password, own))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});
