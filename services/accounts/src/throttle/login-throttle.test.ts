import { isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loginThrottle, type LoginThrottle } from './login-throttle.ts';

/** How long the attempt must wait; 0 if it may go ahead (and then fails). */
function waitMs(throttle: LoginThrottle, account: string, address: string, nowMs: number): number {
  try {
    throttle.begin(account, address, nowMs);
    return 0;
  } catch (error) {
    if (!isCodedError(error, 'LoginThrottled')) throw error;
    return error.details['retryAfterMs'] as number;
  }
}

describe('the login throttle', () => {
  it('lets typing mistakes pass, then doubles the wait up to a minute', () => {
    const throttle = loginThrottle();
    let nowMs = 0;
    const waits: number[] = [];
    for (let i = 0; i < 14; i++) {
      const wait = waitMs(throttle, 'ada', '10.0.0.1', nowMs);
      waits.push(wait);
      nowMs += wait;
      if (wait > 0) expect(waitMs(throttle, 'ada', '10.0.0.1', nowMs)).toBe(0);
    }
    expect(waits).toEqual([
      0, 0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  it('counts attempts that are under way: a hundred at once are not a hundred guesses', () => {
    const throttle = loginThrottle();
    const passed = Array.from({ length: 100 }, () => waitMs(throttle, 'ada', '10.0.0.1', 0)).filter(
      (ms) => ms === 0,
    );
    expect(passed).toHaveLength(5);
  });

  it('does not let a guesser lock the owner out', () => {
    const throttle = loginThrottle();
    for (let i = 0; i < 150; i++) waitMs(throttle, 'ada', '10.0.0.1', i);
    expect(waitMs(throttle, 'ada', '10.0.0.2', 200)).toBe(0);
  });

  it('forgives after the right password, and after a quarter of an hour', () => {
    const throttle = loginThrottle();
    for (let i = 0; i < 4; i++) throttle.begin('ada', 'a', 0);
    throttle.begin('ada', 'a', 0).succeeded();
    for (let i = 0; i < 5; i++) expect(waitMs(throttle, 'ada', 'a', 1)).toBe(0);
    expect(waitMs(throttle, 'ada', 'a', 1)).toBeGreaterThan(0);
    expect(waitMs(throttle, 'ada', 'a', 16 * 60_000)).toBe(0);
    for (let i = 0; i < 4; i++) expect(waitMs(throttle, 'ada', 'a', 16 * 60_000)).toBe(0);
  });

  it('does not count an attempt that is withdrawn', () => {
    const throttle = loginThrottle();
    for (let i = 0; i < 50; i++) throttle.begin('ada', 'a', 0).withdraw();
    expect(waitMs(throttle, 'ada', 'a', 0)).toBe(0);
  });

  it('slows an address down that tries one password on many accounts', () => {
    const throttle = loginThrottle();
    let passed = 0;
    for (let i = 0; i < 1_000; i++) if (waitMs(throttle, `user ${i}`, '10.0.0.1', 0) === 0) passed++;
    expect(passed).toBe(200);
    const wait = waitMs(throttle, 'another', '10.0.0.1', 0);
    expect(wait).toBe(500);
    expect(waitMs(throttle, 'another', '10.0.0.1', wait)).toBe(0);
    expect(waitMs(throttle, 'another', '10.0.0.2', 0)).toBe(0);
  });

  it('takes the addresses of one IPv6 network for one', () => {
    const throttle = loginThrottle();
    for (let i = 0; i < 5; i++) waitMs(throttle, 'ada', `2001:db8:1:2::${i + 1}`, 0);
    expect(waitMs(throttle, 'ada', '2001:db8:1:2:ffff::1', 0)).toBeGreaterThan(0);
    expect(waitMs(throttle, 'ada', '2001:db8:1:3::1', 0)).toBe(0);
    expect(waitMs(throttle, 'ada', '::1', 0)).toBe(0);
    expect(waitMs(throttle, 'ada', '::ffff:10.0.0.1', 0)).toBe(0);
  });

  it('never makes anybody wait for more than a minute, whatever happens', () => {
    const step = fc.record({
      account: fc.constantFrom('a', 'b', 'c'),
      address: fc.constantFrom('x', 'y'),
      passesMs: fc.integer({ min: 0, max: 100_000 }),
      end: fc.constantFrom('fails', 'succeeds', 'is withdrawn'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const throttle = loginThrottle();
        let nowMs = 0;
        for (const { account, address, passesMs, end } of steps) {
          nowMs += passesMs;
          try {
            const attempt = throttle.begin(account, address, nowMs);
            if (end === 'succeeds') attempt.succeeded();
            if (end === 'is withdrawn') attempt.withdraw();
          } catch (error) {
            const wait = isCodedError(error, 'LoginThrottled')
              ? (error.details['retryAfterMs'] as number)
              : NaN;
            expect(wait).toBeGreaterThan(0);
            expect(wait).toBeLessThanOrEqual(60_000);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
