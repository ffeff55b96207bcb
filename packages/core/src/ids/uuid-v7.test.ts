import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCodedError } from '../errors/coded-error.ts';
import { seededRandom } from '../random/seeded-random.ts';
import { formatUuid, parseUuid } from './uuid.ts';
import { uuidV7, uuidV7UnixMs } from './uuid-v7.ts';

describe('version 7 UUIDs', () => {
  it('carry their time, their version and their variant', () => {
    const random = seededRandom(1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (unixMs) => {
        const uuid = uuidV7(unixMs, random);
        expect(uuidV7UnixMs(uuid)).toBe(unixMs);
        expect(formatUuid(uuid)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(parseUuid(formatUuid(uuid))).toEqual(uuid);
      }),
    );
  });

  it('of one millisecond differ', () => {
    const random = seededRandom(2);
    const seen = new Set(Array.from({ length: 10_000 }, () => formatUuid(uuidV7(5, random))));
    expect(seen.size).toBe(10_000);
  });

  it('of the example in RFC 9562, appendix A.6, has the time that the RFC says', () => {
    expect(uuidV7UnixMs(parseUuid('017F22E2-79B0-7CC3-98C4-DC0C0C07398F'))).toBe(1_645_557_742_000);
  });

  it('X: other versions and other texts are refused', () => {
    const invalid = ['', 'x', '017F22E2-79B0-7CC3-98C4-DC0C0C07398', '017F22E279B07CC398C4DC0C0C07398F'];
    for (const text of invalid) expect(() => parseUuid(text)).toThrow('Not a UUID');
    const version4 = parseUuid('919108f7-52d1-4320-9bac-f847db4148a8');
    expect(() => uuidV7UnixMs(version4)).toThrow('Not a version 7 UUID');
    try {
      uuidV7UnixMs(new Uint8Array(3));
      expect.unreachable();
    } catch (error) {
      expect(isCodedError(error, 'InvalidArgument')).toBe(true);
    }
  });
});
