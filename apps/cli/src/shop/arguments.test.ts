import { describe, expect, it } from 'vitest';
import { type Arguments, assignArguments } from './arguments.ts';
import { integer, list, money, optional, text } from './parameters.ts';

const PARAMETERS = [
  text('name', ''),
  integer('category', ''),
  money('price', ''),
  optional(list('keywords', '')),
];

function assign(...texts: string[]): Arguments {
  return assignArguments(
    'sell name category price [keywords]',
    PARAMETERS,
    texts.map((each) => ({ text: each, mayName: true })),
  );
}

describe('the arguments of a command', () => {
  it('go to parameters by name or in order', () => {
    const args = assign('price=12.50', 'Oak desk', '3', 'keywords=oak, desk,,');
    expect(args.text('name')).toBe('Oak desk');
    expect(args.integer('category')).toBe(3);
    expect(args.money('price', 'EUR')).toBe(1250);
    expect(args.list('keywords')).toEqual(['oak', 'desk']);
  });

  it('a text with = is a text unless it names a parameter', () => {
    expect(assign('a=b', '1', '2').text('name')).toBe('a=b');
    const quoted = [{ text: 'price=9', mayName: false }];
    expect(assignArguments('', [text('name', '')], quoted).text('name')).toBe('price=9');
  });

  it('X: missing, doubled and surplus ones are named, with the usage', () => {
    expect(() => assign('Oak desk', '3')).toThrow(
      'price is missing; usage: sell name category price [keywords]',
    );
    expect(() => assign('name=a', 'name=b', '1', '2')).toThrow('name is given twice');
    expect(() => assign('a', '1', '2', 'k', 'more')).toThrow(/Too many arguments at "more"/);
    expect(() => assign('__proto__=1', '3')).toThrow('price is missing');
  });

  it.each(['-1', '1.5', '1e3', '', '9999999999999999', '0x1', '١'])('X: %j is no whole number', (value) => {
    expect(() => assign('a', value, '2').integer('category')).toThrow(/category must be a whole number/);
  });

  it.each(['1.234', '-5', '1,50', 'free', '99999999999', ''])('X: %j is no price in EUR', (value) => {
    expect(() => assign('a', '1', value).money('price', 'EUR')).toThrow(/price must be an amount of EUR/);
  });

  it('X: yen have no cents', () => {
    expect(assign('a', '1', '500').money('price', 'JPY')).toBe(500);
    expect(() => assign('a', '1', '5.00').money('price', 'JPY')).toThrow(/amount of JPY/);
  });

  it('reads the expiry of a card as it is printed', () => {
    const expiry = (value: string) =>
      assignArguments('', [text('expiry', '')], [{ text: value, mayName: false }]).expiry('expiry');
    expect(expiry('12/30')).toEqual({ expiryMonth: 12, expiryYear: 2030 });
    expect(expiry('1 / 2031')).toEqual({ expiryMonth: 1, expiryYear: 2031 });
    expect(() => expiry('2030-12')).toThrow(/expiry must be month\/year/);
  });
});
