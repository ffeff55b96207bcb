import { describe, expect, it } from 'vitest';
import { knownPositions } from './known-positions.ts';

describe('the positions that a server knows', () => {
  it('begin with nothing: the first read is linearizable', () => {
    expect(knownPositions().readAt('products', undefined)).toBeUndefined();
    expect(knownPositions().readAt('products', '1:5')).toBeUndefined();
  });

  it('grow, for each database apart, and never go back', () => {
    const known = knownPositions();
    known.note('products', '1:5');
    known.note('products', '1:3');
    known.note('products', undefined);
    known.note('products', 'nonsense');
    expect(known.newest('products')).toBe('1:5');
    expect(known.newest('customers')).toBeUndefined();
  });

  it('let a client read at what it has seen, and a new client at what the server has seen', () => {
    const known = knownPositions();
    known.note('products', '1:10');
    expect(known.readAt('products', '1:7')).toBe('1:7');
    expect(known.readAt('products', undefined)).toBe('1:10');
  });

  it('answer a claim that is newer, foreign or no position with a linearizable read', () => {
    const known = knownPositions();
    known.note('products', '1:10');
    for (const claim of ['1:11', '2:5', '0:5', '1:', '1:1e1', '1:-1', ':5', '5', `1:${'9'.repeat(17)}`]) {
      expect(known.readAt('products', claim), claim).toBeUndefined();
    }
  });

  it('begin anew with a new epoch: a backup has been restored', () => {
    const known = knownPositions();
    known.note('products', '1:10');
    known.note('products', '2:4');
    expect(known.newest('products')).toBe('2:4');
  });
});
