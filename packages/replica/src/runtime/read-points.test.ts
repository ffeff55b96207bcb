import { describe, expect, it } from 'vitest';
import { ReadPoints } from './read-points.ts';

/** A log whose rounds end when told. */
function manualLog() {
  const rounds: { resolve(position: number): void; reject(error: Error): void }[] = [];
  return {
    rounds,
    readPoint: () => new Promise<number>((resolve, reject) => rounds.push({ resolve, reject })),
  };
}

describe('shared read points', () => {
  it('lets all reads that came during a round share the next one, and none use the one under way', async () => {
    const log = manualLog();
    const points = new ReadPoints(log);
    const first = points.next();
    const later = [points.next(), points.next(), points.next()];
    expect(log.rounds).toHaveLength(1);
    log.rounds[0]?.resolve(10);
    expect(await first).toBe(10);
    await Promise.resolve();
    expect(log.rounds).toHaveLength(2);
    const latest = points.next();
    log.rounds[1]?.resolve(20);
    expect(await Promise.all(later)).toEqual([20, 20, 20]);
    await Promise.resolve();
    log.rounds[2]?.resolve(30);
    expect(await latest).toBe(30);
  });

  it('goes on after a round that failed', async () => {
    const log = manualLog();
    const points = new ReadPoints(log);
    const first = points.next();
    const second = points.next();
    log.rounds[0]?.reject(new Error('no leader'));
    await expect(first).rejects.toThrow('no leader');
    await expect.poll(() => log.rounds.length).toBe(2);
    log.rounds[1]?.resolve(5);
    expect(await second).toBe(5);
    const third = points.next();
    log.rounds[2]?.resolve(6);
    expect(await third).toBe(6);
  });
});
