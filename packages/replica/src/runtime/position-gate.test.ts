import { CodedError } from '@everopen/core';
import { SimulatedClock, World } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import { PositionGate } from './position-gate.ts';

function gateIn(world: World): PositionGate {
  return new PositionGate({
    name: 'state',
    clock: new SimulatedClock(world),
    waitMsMax: 1000,
    waitersMax: 3,
  });
}

describe('waiting for a position', () => {
  it('lets callers go in the order of their positions, and no sooner', async () => {
    const world = new World({ seed: 1 });
    const gate = gateIn(world);
    const passed: number[] = [];
    for (const position of [5, 2, 9]) void gate.wait(position).then(() => passed.push(position));
    for (const [position, expected] of [
      [1, []],
      [2, [2]],
      [8, [2, 5]],
      [9, [2, 5, 9]],
    ] as const) {
      gate.advance(position);
      await world.run(world.nowMs + 1);
      expect(passed).toEqual(expected);
    }
    await gate.wait(9);
  });

  it('lets nobody wait for too long, and not too many', async () => {
    const world = new World({ seed: 1 });
    const gate = gateIn(world);
    const outcomes = Promise.allSettled([4, 5, 6].map((position) => gate.wait(position)));
    await expect(gate.wait(7)).rejects.toMatchObject({ code: 'Overloaded' });
    world.after(500, () => gate.advance(4));
    await world.run(1100);
    expect(
      (await outcomes).map((each) => (each.status === 'fulfilled' ? 'passed' : each.reason.code)),
    ).toEqual(['passed', 'NotCaughtUp', 'NotCaughtUp']);
    expect(gate.waiting).toBe(0);
  });

  it('refuses everybody once it is closed', async () => {
    const gate = gateIn(new World({ seed: 1 }));
    const waiting = gate.wait(1);
    gate.close(new CodedError('Closed', 'over'));
    await expect(waiting).rejects.toMatchObject({ code: 'Closed' });
    await expect(gate.wait(0)).rejects.toMatchObject({ code: 'Closed' });
  });
});
