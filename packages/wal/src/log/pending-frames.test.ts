import { afterEach, describe, expect, it, vi } from 'vitest';
import { FRAME_KIND, frameBytes } from '../format/frame.ts';
import { PendingFrames } from './pending-frames.ts';

afterEach(() => void vi.restoreAllMocks());

describe('frames on their way to the disk', () => {
  it('take no more memory however long the disk is behind', () => {
    const allocated: number[] = [];
    vi.spyOn(Buffer, 'allocUnsafe').mockImplementation((bytes) => {
      allocated.push(bytes);
      return Buffer.alloc(bytes);
    });
    const pending = new PendingFrames();
    const payload = Buffer.alloc(1000, 7);
    const size = frameBytes(payload.length);
    let added = 0;
    let sealed = 0;
    const add = (): void => pending.add(FRAME_KIND.record, ++added, 0, payload);
    for (let i = 0; i < 1000; i++) add();
    // Never emptied: a thousand frames wait at all times while 20,000 go through.
    for (let i = 0; i < 20_000; i++) {
      add();
      const batch = pending.seal({ segment: 1, salt: 1, offset: 512 }, size);
      expect(batch.last).toBe(++sealed);
      expect(batch.bytes.subarray(20, 24)).toEqual(payload.subarray(0, 4));
    }
    expect(pending.bytes).toBe(1000 * size);
    expect(Math.max(...allocated)).toBeLessThanOrEqual(4 * 1000 * size);
  });
});
