import { isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScriptLine } from './script-line.ts';
import { substitute } from './variables.ts';

const VARIABLES = { n: 3, found: { items: [{ itemId: 17, name: 'Lamp' }] } };

function words(source: string): string[] | undefined {
  const line = parseScriptLine(source, 1);
  return line && [line.command, ...line.args.map((word) => substitute(word, VARIABLES))];
}

describe('a line of a script', () => {
  it.each([
    ['search lamp', ['search', 'lamp']],
    ['  sell "Oak desk"\t3  ', ['sell', 'Oak desk', '3']],
    [`sell 'it is $n "so"' 1`, ['sell', 'it is $n "so"', '1']],
    [String.raw`echo "a \"b\" \\ \$ c"`, ['echo', 'a "b" \\ $ c']],
    ['sell name="Oak desk" x', ['sell', 'name=Oak desk', 'x']],
    ['log-in user${n} "pass ${n}"', ['log-in', 'user3', 'pass 3']],
    ['item ${found.items.0.itemId}', ['item', '17']],
    ["echo '${n}'", ['echo', '${n}']],
    ['cart # and a comment', ['cart']],
    ['echo a#b', ['echo', 'a#b']],
    ['echo ""', ['echo', '']],
  ])('%s', (source, expected) => expect(words(source)).toEqual(expected));

  it.each(['', '   ', '# only a comment', '\t#x'])('%j is nothing to do', (source) => {
    expect(parseScriptLine(source, 1)).toBeUndefined();
  });

  it('says what must become of it, and under which name its result is kept', () => {
    expect(parseScriptLine('- cart', 1)?.demand).toEqual({ type: 'try' });
    expect(parseScriptLine('try cart', 1)?.demand).toEqual({ type: 'try' });
    expect(parseScriptLine('expect OutOfStock add-to-cart 1 5', 1)).toMatchObject({
      demand: { type: 'expect', code: 'OutOfStock' },
      command: 'add-to-cart',
    });
    expect(parseScriptLine('expect NotFound let x = item 9', 1)).toMatchObject({
      keepAs: 'x',
      command: 'item',
    });
  });

  it.each([
    'echo "open',
    "echo 'open",
    'echo ${',
    'echo ${}',
    'echo ${a b}',
    String.raw`echo "\x"`,
    'expect',
    'expect lower cart',
    'expect OutOfStock',
    'try',
    'let x cart',
    'let 1x = cart',
    'let x =',
    '"quoted" command',
    '${n} cart',
    'x'.repeat(5_000),
  ])('X: cannot be read: %s', (source) => {
    expect(() => parseScriptLine(source, 42)).toThrow(/^line 42: /);
  });

  it('X: whatever is typed is a line, nothing, or an InvalidArgument', () => {
    const piece = fc.constantFrom(
      '"',
      "'",
      '\\',
      '${',
      '}',
      '#',
      ' ',
      '=',
      'let',
      'expect',
      '-',
      'a',
      '\u001b',
      '${n}',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseScriptLine(pieces.join(''), 1);
        } catch (error) {
          expect(isCodedError(error, 'InvalidArgument')).toBe(true);
        }
      }),
    );
  });

  it('X: a quoted text always comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        const quoted = `"${text.replace(/[\\"$]/g, (character) => `\\${character}`)}"`;
        expect(words(`echo ${quoted}`)).toEqual(['echo', text]);
      }),
    );
  });

  it.each([
    '${none}',
    '${found.none}',
    '${found.items.1.itemId}',
    '${constructor}',
    '${found.items.length.x}',
  ])('X: %s is not there', (source) => expect(() => words(`echo ${source}`)).toThrow(/There is no/));
});
