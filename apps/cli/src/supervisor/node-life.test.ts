import { seededRandom } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEWBORN, type NodeEffect, type NodeEvent, type NodeLife, stepNodeLife } from './node-life.ts';
import { restartDelayMs } from './restart-delay.ts';

const POLICY = { restartDelayMinMs: 100, restartDelayMaxMs: 10_000, healthyAfterMs: 10_000 };
const READY: NodeEvent = { type: 'ready', address: { host: '127.0.0.1', port: 1 } };
const CRASH: NodeEvent = { type: 'exited', code: null, signal: 'SIGKILL' };

/** Plays events `[event, milliseconds since the one before]`; returns the life and the effects of each. */
function play(events: readonly (NodeEvent | readonly [NodeEvent, number])[]) {
  let life: NodeLife = NEWBORN;
  let nowMs = 0;
  const random = seededRandom(1);
  const effects: (readonly NodeEffect[])[] = [];
  for (const entry of events) {
    const [event, afterMs] = 'type' in entry ? [entry, 0] : entry;
    nowMs += afterMs;
    const step = stepNodeLife(life, event, { nowMs, random, policy: POLICY });
    life = step.life;
    effects.push(step.effects);
  }
  return { life, effects, last: effects.at(-1) ?? [] };
}

describe('the life of a component', () => {
  it('S2: a crash is followed by a restart', () => {
    const { life, effects } = play([{ type: 'start' }, READY, CRASH, [{ type: 'restartDue' }, 100]]);
    expect(effects.map((each) => each.map(({ type }) => type))).toEqual([
      ['spawn'],
      [],
      ['restartAfter'],
      ['spawn'],
    ]);
    expect(life).toMatchObject({ phase: { name: 'starting' }, restarts: 1, lastExit: 'SIGKILL' });
  });

  it('O2: crashes in a row wait longer each time, a crash after a healthy while does not', () => {
    const delay = (events: Parameters<typeof play>[0]): number => {
      const effect = play(events).last[0];
      return effect?.type === 'restartAfter' ? effect.delayMs : Number.NaN;
    };
    const cycle = [READY, CRASH, { type: 'restartDue' }] as const;
    const many = [{ type: 'start' }, ...cycle, ...cycle, ...cycle, ...cycle, ...cycle] as const;
    expect(delay([...many, READY, CRASH])).toBeGreaterThanOrEqual(1_600);
    expect(delay([...many, READY, [CRASH, 10_000]])).toBeLessThanOrEqual(100);
  });

  it('one that exits for its configuration is not started again, until it is asked for', () => {
    const hopeless = play([{ type: 'start' }, { type: 'exited', code: 2, signal: null }]);
    expect(hopeless.life.phase.name).toBe('failed');
    expect(hopeless.last).toEqual([]);
    const asked = play([{ type: 'start' }, { type: 'exited', code: 2, signal: null }, { type: 'restart' }]);
    expect(asked.last.map(({ type }) => type)).toEqual(['forgetRestart', 'spawn']);
  });

  it('a stop is polite, then not; what has stopped stays stopped', () => {
    const stopping = play([{ type: 'start' }, READY, { type: 'stop' }]);
    expect(stopping.last).toEqual([{ type: 'signal', signal: 'SIGTERM' }, { type: 'watchStop' }]);
    const overdue = play([{ type: 'start' }, READY, { type: 'stop' }, { type: 'stopOverdue' }]);
    expect(overdue.last).toEqual([{ type: 'signal', signal: 'SIGKILL' }]);
    const stopped = play([{ type: 'start' }, READY, { type: 'stop' }, CRASH]);
    expect(stopped.life.phase.name).toBe('stopped');
    expect(stopped.last).toEqual([]);
  });

  it('a paused component is woken before it is asked to stop', () => {
    const { last, life } = play([{ type: 'start' }, READY, { type: 'pause' }, { type: 'stop' }]);
    expect(last.slice(0, 2)).toEqual([
      { type: 'signal', signal: 'SIGCONT' },
      { type: 'signal', signal: 'SIGTERM' },
    ]);
    expect(life.paused).toBe(false);
  });

  it('a stop while it waits for its restart cancels the restart', () => {
    const { life, last } = play([{ type: 'start' }, CRASH, { type: 'stop' }]);
    expect(last).toEqual([{ type: 'forgetRestart' }]);
    expect(life.phase.name).toBe('stopped');
  });

  it('whatever happens in whatever order, there is never a second process', () => {
    const event = fc.constantFrom<NodeEvent>(
      { type: 'start' },
      READY,
      CRASH,
      { type: 'exited', code: 1, signal: null },
      { type: 'exited', code: 2, signal: null },
      { type: 'restartDue' },
      { type: 'stop' },
      { type: 'restart' },
      { type: 'pause' },
      { type: 'resume' },
      { type: 'stopOverdue' },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let life: NodeLife = NEWBORN;
        let alive = false;
        const random = seededRandom(7);
        for (const each of events) {
          // Only a living process exits or becomes ready.
          if ((each.type === 'exited' || each.type === 'ready') && !alive) continue;
          if (each.type === 'exited') alive = false;
          const step = stepNodeLife(life, each, { nowMs: 0, random, policy: POLICY });
          life = step.life;
          for (const effect of step.effects) {
            if (effect.type !== 'spawn') continue;
            expect(alive).toBe(false);
            alive = true;
          }
          expect(['starting', 'ready', 'stopping'].includes(life.phase.name)).toBe(alive);
          if (life.paused) expect(alive).toBe(true);
        }
      }),
    );
  });
});

describe('the pause before a restart', () => {
  it('doubles up to its maximum, and at least half of it is waited', () => {
    const half = { ...seededRandom(1), float: () => 0 };
    const pauses = [1, 2, 3, 4, 8, 1_000].map((crashes) => restartDelayMs(POLICY, crashes, half));
    expect(pauses).toEqual([50, 100, 200, 400, 5_000, 5_000]);
  });

  it('differs between components that crash together', () => {
    const random = seededRandom(3);
    const pauses = new Set(Array.from({ length: 20 }, () => restartDelayMs(POLICY, 5, random)));
    expect(pauses.size).toBeGreaterThan(15);
  });
});
