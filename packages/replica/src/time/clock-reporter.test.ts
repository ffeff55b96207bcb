import { SimulatedClock, World } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import { ClockReporter } from './clock-reporter.ts';

type Report = { by: string; unixMs: number; wanted: boolean };

/** Members whose reports reach all of them after 5 ms, in one order. */
function cluster(names: readonly string[], unixOffsets: readonly number[] = []) {
  const world = new World({ seed: 1 });
  const reports: Report[] = [];
  const cut = new Set<string>();
  const reporters = new Map(
    names.map((member, i) => {
      const clock = new SimulatedClock(world, { unixOffsetMs: unixOffsets[i] ?? 0 });
      const reporter = new ClockReporter({
        member,
        members: names,
        clock,
        submit: (body) => {
          if (body.kind !== 'clock' || cut.has(member)) return;
          world.after(5, () => {
            reports.push({ by: member, unixMs: body.unixMs, wanted: body.wanted });
            for (const [name, other] of reporters) {
              if (!cut.has(name)) other.reported({ member, wanted: body.wanted, own: name === member });
            }
          });
        },
      });
      return [member, reporter];
    }),
  );
  const of = (name: string): ClockReporter => reporters.get(name) as ClockReporter;
  return { world, reports, cut, of };
}

async function freshAt(world: World, reporter: ClockReporter): Promise<[boolean, number]> {
  const start = world.nowMs;
  let outcome: [boolean, number] | undefined;
  world.spawn(async () => {
    outcome = [await reporter.fresh(), world.nowMs - start];
  });
  await world.runUntil(() => outcome !== undefined, start + 10_000);
  return outcome ?? [false, Number.NaN];
}

describe('clock reports', () => {
  it('make log time fresh within a round trip when somebody needs it', async () => {
    const { world, of } = cluster(['a', 'b', 'c']);
    const [fresh, afterMs] = await freshAt(world, of('a'));
    expect(fresh).toBe(true);
    expect(afterMs).toBeLessThan(20);
    expect(of('a').isFresh).toBe(true);
  });

  it('come every two seconds while there is work, and not at all when there is none', async () => {
    const { world, of, reports } = cluster(['a', 'b', 'c']);
    await freshAt(world, of('a'));
    for (let ms = 0; ms < 20_000; ms += 10) {
      world.after(ms, () => ['a', 'b', 'c'].forEach((name) => of(name).worked()));
    }
    await world.run(world.nowMs + 20_000);
    const perMember = reports.filter(({ by }) => by === 'b').length;
    expect(perMember).toBeGreaterThanOrEqual(9);
    expect(perMember).toBeLessThanOrEqual(12);
    expect(of('b').isFresh).toBe(true);
    const before = reports.length;
    await world.run(world.nowMs + 3_600_000);
    expect(reports.length).toBe(before);
    expect(of('b').isFresh).toBe(false);
    expect((await freshAt(world, of('b')))[0]).toBe(true);
  });

  it('are judged by when they came, not by what a wrong clock says', async () => {
    const { world, of } = cluster(['a', 'b', 'c'], [-1e9, 1e9, 0]);
    for (const name of ['a', 'b', 'c']) expect((await freshAt(world, of(name)))[0]).toBe(true);
  });

  it('of a minority are not enough, and nobody waits for ever', async () => {
    const { world, of, cut } = cluster(['a', 'b', 'c']);
    cut.add('b').add('c');
    const [fresh, afterMs] = await freshAt(world, of('a'));
    expect(fresh).toBe(false);
    expect(afterMs).toBeLessThan(2000);
    cut.delete('b');
    expect((await freshAt(world, of('a')))[0]).toBe(true);
  });

  it('that do not come hold up a write once, not each write again', async () => {
    const { world, of, cut } = cluster(['a', 'b', 'c']);
    cut.add('b').add('c');
    const waits: number[] = [];
    world.spawn(async () => {
      for (let i = 0; i < 5; i++) {
        const start = world.nowMs;
        expect(await of('a').freshUnlessGivenUp()).toBe(false);
        waits.push(world.nowMs - start);
      }
    });
    await world.run(10_000);
    expect(waits).toHaveLength(5);
    expect(waits[0]).toBeGreaterThan(1000);
    expect(Math.max(...waits.slice(1))).toBe(0);
    cut.clear();
    expect((await freshAt(world, of('a')))[0]).toBe(true);
    expect(await of('a').freshUnlessGivenUp()).toBe(true);
  });

  it('of the past, replayed after a start, do not look fresh', async () => {
    const { world, of, cut } = cluster(['a', 'b', 'c']);
    cut.add('a').add('b').add('c');
    for (const member of ['a', 'b', 'c']) of('a').reported({ member, wanted: false, own: false });
    expect(of('a').isFresh).toBe(false);
    expect((await freshAt(world, of('a')))[0]).toBe(false);
  });

  it('end the waiting when the replica is closed', async () => {
    const { world, of, cut } = cluster(['a', 'b', 'c']);
    cut.add('b').add('c');
    world.after(100, () => of('a').close());
    const [fresh, afterMs] = await freshAt(world, of('a'));
    expect([fresh, afterMs]).toEqual([false, 100]);
  });
});
