import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCodedError } from '../errors/coded-error.ts';
import { BoundedQueue } from './bounded-queue.ts';

describe('BoundedQueue', () => {
  it('behaves like an array with a limit', () => {
    const operation = fc.oneof(
      fc.nat(9).map((value) => ({ push: value })),
      fc.constant('shift' as const),
      fc.constant('drain' as const),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const queue = new BoundedQueue<number>('test queue', 5);
        let model: number[] = [];
        for (const next of operations) {
          if (next === 'shift') expect(queue.shift()).toBe(model.shift());
          else if (next === 'drain') {
            expect(queue.drain()).toEqual(model);
            model = [];
          } else if (model.length < 5) {
            queue.push(next.push);
            model.push(next.push);
          } else expect(() => queue.push(next.push)).toThrow('The test queue is full (5)');
          expect(queue.size).toBe(model.length);
          expect(queue.peek()).toBe(model[0]);
        }
      }),
    );
  });

  it('refuses with Overloaded and the limit', () => {
    const queue = new BoundedQueue<number>('q', 0);
    try {
      queue.push(1);
      expect.unreachable();
    } catch (error) {
      expect(isCodedError(error, 'Overloaded') && error.details).toEqual({ limit: 0 });
    }
  });
});
