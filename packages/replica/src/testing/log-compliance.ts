import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent, OrderedLog, Position } from '../log/ordered-log.ts';

/** A log and what it runs on, with one member through which it is used. */
export interface LogUnderTest {
  readonly log: OrderedLog;
  /** Closes this member, starts it again on the same storage, and gives its new log once it is ready. */
  restart(): Promise<OrderedLog>;
  readonly commandBytesMax: number;
  /** Ends everything, and removes it. */
  dispose(): Promise<void>;
}

const command = (text: string): Uint8Array => Buffer.from(text);

/**
 * What every ordered log must do, whoever orders it; each engine runs it:
 *
 *     describeOrderedLogCompliance('solo', async () => ({ log, restart, commandBytesMax, dispose }));
 *
 * `create` resolves once the log takes commands. Nothing here depends on how fast an engine is.
 */
export function describeOrderedLogCompliance(name: string, create: () => Promise<LogUnderTest>): void {
  describe(`the ${name} log`, () => {
    let tested: LogUnderTest;
    let log: OrderedLog;
    beforeEach(async () => {
      tested = await create();
      log = tested.log;
    });
    afterEach(() => tested.dispose());

    it('numbers commands from 1 without gaps and gives them back in that order', async () => {
      const first = (await log.readPoint()) + 1;
      const positions: Position[] = [];
      for (const text of ['a', 'b', 'c']) positions.push(await log.submit(command(text)));
      expect(positions).toEqual([first, first + 1, first + 2]);
      expect(await take(log, first - 1, 3)).toEqual([
        [first, 'a'],
        [first + 1, 'b'],
        [first + 2, 'c'],
      ]);
    });

    it('gives each of many concurrent commands a position of its own', async () => {
      const texts = Array.from({ length: 500 }, (_, i) => `command ${i}`);
      const before = await log.readPoint();
      const positions = await Promise.all(texts.map((text) => log.submit(command(text))));
      expect(new Set(positions).size).toBe(texts.length);
      const delivered = new Map(await take(log, before, texts.length));
      texts.forEach((text, i) => expect(delivered.get(positions[i] as Position)).toBe(text));
    });

    it('delivers to a reader that waits, and from any position on', async () => {
      const before = await log.readPoint();
      const waiting = take(log, before, 2);
      await log.submit(command('first'));
      await log.submit(command('second'));
      expect(await waiting).toEqual([
        [before + 1, 'first'],
        [before + 2, 'second'],
      ]);
      expect(await take(log, before + 1, 1)).toEqual([[before + 2, 'second']]);
    });

    it('keeps every byte of a command: empty ones, long ones, all values', async () => {
      const long = Uint8Array.from({ length: tested.commandBytesMax }, (_, i) => (i * 31) & 0xff);
      const before = await log.readPoint();
      await log.submit(new Uint8Array(0));
      await log.submit(long);
      const [empty, full] = await takeBytes(log, before, 2);
      expect([empty?.length, Buffer.compare(full as Uint8Array, long)]).toEqual([0, 0]);
    });

    it('refuses a command that is too long, and goes on', async () => {
      const tooLong = new Uint8Array(tested.commandBytesMax + 1);
      await expect(log.submit(tooLong)).rejects.toMatchObject({ code: 'PayloadTooLarge' });
      expect(await log.submit(command('short'))).toBeGreaterThan(0);
    });

    it('has read points that cover every command acknowledged before', async () => {
      for (let round = 0; round < 5; round++) {
        const position = await log.submit(command(`round ${round}`));
        const points = await Promise.all([log.readPoint(), log.readPoint(), log.readPoint()]);
        for (const point of points) expect(point).toBeGreaterThanOrEqual(position);
      }
    });

    it('has every acknowledged command, at its position, after a restart', async () => {
      const acknowledged = await Promise.all(
        Array.from({ length: 50 }, async (_, i) => [await log.submit(command(`c${i}`)), `c${i}`] as const),
      );
      const before = Math.min(...acknowledged.map(([position]) => position)) - 1;
      log = await tested.restart();
      const delivered = new Map(await take(log, before, 50));
      for (const [position, text] of acknowledged) expect(delivered.get(position)).toBe(text);
      const next = await log.submit(command('after'));
      expect(next).toBeGreaterThan(before + 50);
    });

    it('keeps numbering after it was trimmed and restarted, and gives what was not trimmed', async () => {
      let last = 0;
      for (let i = 0; i < 20; i++) last = await log.submit(command(`c${i}`));
      await log.trim(last - 5);
      expect(log.status().first).toBeLessThanOrEqual(last - 4);
      log = await tested.restart();
      expect(await take(log, last - 5, 5)).toEqual([15, 16, 17, 18, 19].map((i) => [last - 19 + i, `c${i}`]));
      expect(await log.submit(command('next'))).toBeGreaterThan(last);
    });

    it('waits for a reader that is slow, and loses nothing for it', async () => {
      const before = await log.readPoint();
      const total = 2000;
      const reader = log.committed(before)[Symbol.asyncIterator]();
      const delivered: string[] = [];
      const positions: Promise<Position>[] = [];
      for (let i = 0; i < total; i++) {
        positions.push(log.submit(command(`c${i}`)));
        if (i % 500 === 0) delivered.push(...textsOf((await reader.next()).value as LogEvent));
      }
      await Promise.all(positions);
      while (delivered.length < total) delivered.push(...textsOf((await reader.next()).value as LogEvent));
      await reader.return?.();
      expect(new Set(delivered).size).toBe(total);
    });

    it('says what it is', async () => {
      const position = await log.submit(command('x'));
      const status = log.status();
      expect(status).toMatchObject({ ready: true });
      expect(status.committed).toBeGreaterThanOrEqual(position);
      expect(() => JSON.stringify(status.details)).not.toThrow();
    });

    it('answers every submission when it is closed, and ends its readers', async () => {
      const reader = take(log, await log.readPoint(), Number.MAX_SAFE_INTEGER);
      const submissions = Array.from({ length: 100 }, (_, i) => log.submit(command(`c${i}`)));
      const settled = Promise.allSettled(submissions);
      await log.close();
      for (const outcome of await settled) {
        if (outcome.status === 'rejected') expect(['Unknown', 'Closed']).toContain(outcome.reason.code);
      }
      await reader;
      await expect(log.submit(command('late'))).rejects.toMatchObject({ code: 'Closed' });
      expect(log.status().ready).toBe(false);
    });

    it('holds after a restart each command at most once, and all that were acknowledged', async () => {
      const before = await log.readPoint();
      const submissions = Array.from({ length: 200 }, (_, i) => log.submit(command(`c${i}`)));
      const settled = Promise.allSettled(submissions);
      await submissions[0];
      log = await tested.restart();
      const acknowledged = (await settled).flatMap((outcome, i) =>
        outcome.status === 'fulfilled' ? [[outcome.value, `c${i}`] as const] : [],
      );
      const end = await log.submit(command('end'));
      const delivered = await take(log, before, end - before);
      const texts = delivered.map(([, text]) => text);
      expect(new Set(texts).size).toBe(texts.length);
      const byPosition = new Map(delivered);
      for (const [position, text] of acknowledged) expect(byPosition.get(position)).toBe(text);
    });
  });
}

async function takeBytes(log: OrderedLog, after: Position, count: number): Promise<Uint8Array[]> {
  return (await takeRaw(log, after, count)).map(([, bytes]) => bytes);
}

async function take(log: OrderedLog, after: Position, count: number): Promise<[Position, string][]> {
  return (await takeRaw(log, after, count)).map(([position, bytes]) => [
    position,
    Buffer.from(bytes).toString(),
  ]);
}

/** `count` commands after a position (fewer if the log is closed meanwhile), checked to be without gaps. */
async function takeRaw(log: OrderedLog, after: Position, count: number): Promise<[Position, Uint8Array][]> {
  const taken: [Position, Uint8Array][] = [];
  for await (const event of log.committed(after)) {
    if (event.kind !== 'commands') continue;
    expect(event.first).toBe(after + taken.length + 1);
    event.commands.forEach((bytes, i) => taken.push([event.first + i, bytes]));
    if (taken.length >= count) break;
  }
  return taken.slice(0, count);
}

function textsOf(event: LogEvent): string[] {
  return event.kind === 'commands' ? event.commands.map((bytes) => Buffer.from(bytes).toString()) : [];
}
