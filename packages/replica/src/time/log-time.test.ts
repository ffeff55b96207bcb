import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tables } from '../state/tables.ts';
import { LogTime, median } from './log-time.ts';

function members(...names: string[]) {
  const tables = new Tables();
  const logTime = new LogTime(tables, names);
  let now = 0;
  return (member: string, unixMs: number): number => {
    tables.begin();
    now = logTime.report(member, unixMs, now);
    tables.commit();
    return now;
  };
}

describe('log time', () => {
  it('is the median of the clocks, once a majority has reported', () => {
    const report = members('a', 'b', 'c');
    expect(report('a', 1000)).toBe(0);
    expect(report('b', 1010)).toBe(1000);
    expect(report('c', 1005)).toBe(1005);
    expect(report('a', 2000)).toBe(1010);
  });

  it('is not moved by one clock that is wrong, whichever way', () => {
    for (const wrong of [0, 1, 10 ** 14]) {
      const report = members('a', 'b', 'c');
      for (let ms = 1000; ms < 10_000; ms += 1000) {
        report('a', ms);
        report('b', ms + 3);
        const now = report('c', wrong);
        expect(now).toBeGreaterThanOrEqual(ms);
        expect(now).toBeLessThanOrEqual(ms + 3);
      }
    }
  });

  it('goes on without a minority, and never back', () => {
    const report = members('a', 'b', 'c');
    report('c', 500);
    report('a', 1000);
    expect(report('b', 1000)).toBe(1000);
    expect(report('a', 9000)).toBe(1000);
    expect(report('b', 8000)).toBe(8000);
    expect(report('a', 10)).toBe(8000);
    expect(report('b', 10)).toBe(8000);
  });

  it('does not listen to strangers', () => {
    const report = members('a');
    expect(report('x', 5000)).toBe(0);
    expect(report('a', 1000)).toBe(1000);
  });

  it('lies between the clocks of every majority', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 7 }), (clocks) => {
        const majority = Math.floor(clocks.length / 2) + 1;
        const middle = median(clocks);
        expect(clocks.filter((clock) => clock >= middle).length).toBeGreaterThanOrEqual(majority);
        expect(clocks.filter((clock) => clock <= middle).length * 2).toBeGreaterThanOrEqual(clocks.length);
      }),
    );
  });
});
