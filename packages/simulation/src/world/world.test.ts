import { expect, it } from 'vitest';
import { SimulatedClock } from './simulated-clock.ts';
import { World } from './world.ts';

it('events run in the order of their times, and of their scheduling within one instant', async () => {
  const world = new World({ seed: 1 });
  const seen: string[] = [];
  world.at(20, () => seen.push(`late ${world.nowMs}`));
  world.at(10, () => seen.push('first'));
  world.at(10, () => {
    seen.push('second');
    world.at(5, () => seen.push(`in the past, so now: ${world.nowMs}`));
  });
  const cancelled = world.at(15, () => seen.push('never'));
  cancelled.cancel();
  for (let n = 0; n < 300; n++) world.at(((n * 7919) % 301) + 100, () => seen.push('x'));
  await world.run(20);
  expect(seen).toEqual(['first', 'second', 'in the past, so now: 10', 'late 20']);
  await world.run(1_000);
  expect(seen).toHaveLength(304);
  expect(world.nowMs).toBe(1_000);
});

it('every promise continues as far as it can before the next event', async () => {
  const world = new World({ seed: 1 });
  const seen: string[] = [];
  world.at(1, () => {
    void (async () => {
      for (let hop = 0; hop < 50; hop++) await Promise.resolve();
      seen.push('fifty awaits');
    })();
  });
  world.at(1, () => seen.push('next event'));
  await world.run(2);
  expect(seen).toEqual(['fifty awaits', 'next event']);
});

it('an error in a callback or an activity ends the run', async () => {
  const world = new World({ seed: 1 });
  world.spawn(async () => {
    await world.sleep(5);
    throw new Error('the activity failed');
  });
  await expect(world.run(10)).rejects.toThrow('the activity failed');
  const other = new World({ seed: 1 });
  other.at(1, () => {
    throw new Error('the callback failed');
  });
  await expect(other.run(10)).rejects.toThrow('the callback failed');
});

it('runUntil stops at the event that makes the condition true, or says no', async () => {
  const world = new World({ seed: 1 });
  let open = false;
  world.at(30, () => (open = true));
  world.at(40, () => (open = false));
  expect(await world.runUntil(() => open, 100)).toBe(true);
  expect(world.nowMs).toBe(30);
  expect(await world.runUntil(() => world.nowMs > 1_000, 100)).toBe(false);
});

it('one part drawing more random numbers does not change those of another', () => {
  const first = new World({ seed: 7 });
  const second = new World({ seed: 7 });
  second.random('network').uint32();
  const [a, b] = [first.random('disk'), second.random('disk')];
  expect([a.uint32(), a.uint32()]).toEqual([b.uint32(), b.uint32()]);
  expect(first.random('disk').uint32()).not.toBe(first.random('network').uint32());
});

it('a clock can run fast, jump, pause and die', async () => {
  const world = new World({ seed: 1 });
  const fast = new SimulatedClock(world, { rate: 2 });
  const clock = new SimulatedClock(world);
  const fired: string[] = [];
  fast.setTimer(100, () => fired.push(`fast at ${world.nowMs}`));
  clock.setTimer(100, () => fired.push(`true at ${world.nowMs}`));
  clock.setTimer(120, () => fired.push('never')).cancel();
  await world.run(70);
  expect(fired).toEqual(['fast at 50']);
  expect([fast.monotonicMs(), clock.monotonicMs()]).toEqual([140, 70]);
  const before = clock.unixMs();
  clock.jumpUnix(-60_000);
  expect(clock.unixMs()).toBe(before - 60_000);
  expect(clock.monotonicMs()).toBe(70);
  clock.pause();
  await world.run(500);
  expect(fired).toEqual(['fast at 50']);
  clock.resume();
  await world.run(501);
  expect(fired).toEqual(['fast at 50', 'true at 500']);
  clock.setTimer(10, () => fired.push('after death'));
  clock.stop();
  await world.run(1_000);
  expect(fired).toHaveLength(2);
});
