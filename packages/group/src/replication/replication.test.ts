import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../model/log-entry.ts';
import type { GroupMutations } from '../model/mutations.ts';
import { FOUNDING_RING, type RingId } from '../model/ring.ts';
import { chooseHistory } from './choose-history.ts';
import { decodePayload, encodeCommand, encodeControl, type Control, type State } from './control.ts';
import { ReplicatedLog, sharedLength, type Run } from './replicated-log.ts';
import { Replication, type ReplicationEffect } from './replication.ts';

const ring = (seq: number): RingId => ({ seq, representative: 1, incarnation: 1 });
const entry = (of: RingId, seq: number, ...commands: string[]): LogEntry => ({
  ring: of,
  seq,
  origin: 1,
  incarnation: 1,
  number: seq,
  commands: commands.map((command) => Buffer.from(command)),
});
const state = (of: RingId, accepted: RingId | undefined, runs: readonly Run[] = []): State => ({
  kind: 'state',
  for: of,
  accepted,
  base: 0,
  length: runs.at(-1)?.end ?? 0,
  runs,
});

/** Member 1 of three, its ring and disk played by the test. */
class Hand {
  readonly replication: Replication;
  effects: ReplicationEffect[] = [];
  private seq = 0;
  private current = ring(0);

  constructor(mutations: GroupMutations = {}, entries: readonly LogEntry[] = []) {
    this.replication = new Replication({
      me: { id: 1, incarnation: 1 },
      configured: [1, 2, 3],
      majority: 2,
      restored: { accepted: FOUNDING_RING, entries, committed: 0 },
      maxSubmissions: 10,
      mutations,
    });
  }

  install(id: RingId): void {
    this.seq = 0;
    this.current = id;
    const members = [1, 2, 3].map((member) => ({ id: member, incarnation: 1 }));
    this.replication.deliver({ kind: 'configuration', configuration: 'regular', ring: id, members });
    this.drain();
  }

  hear(origin: number, ...payloads: Uint8Array[]): void {
    const messages = [{ origin, number: this.seq, payloads }];
    this.seq++;
    const { seq, current } = this;
    this.replication.deliver({ kind: 'ordered', ring: current, seq, messages, transitional: false });
    this.drain();
  }

  control(origin: number, control: Control): void {
    this.hear(origin, encodeControl(control));
  }

  /** What this member would send next, as the ring would give it back. */
  ownControl(): Control | undefined {
    if (this.replication.waitingBytes() === 0) return undefined;
    const [payload] = this.replication.take(1_400, this.seq);
    const content = decodePayload(payload as Uint8Array);
    this.hear(1, payload as Uint8Array);
    return content.kind === 'command' ? undefined : content;
  }

  stable(): void {
    this.replication.deliver({ kind: 'stable', ring: this.current, seq: this.seq });
    this.drain();
  }

  persistAll(): void {
    for (const effect of this.effects) {
      if (effect.kind === 'persist') this.replication.persisted(effect.write);
    }
    this.drain();
  }

  committed(): string[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'committed' ? effect.commands.map((command) => Buffer.from(command).toString()) : [],
    );
  }

  private drain(): void {
    this.effects.push(...this.replication.takeEffects());
  }
}

describe('the history that wins', () => {
  const A = ring(1);
  const B = ring(2);
  const voters = (states: Record<number, State>) =>
    new Map(Object.entries(states).map(([id, told]) => [Number(id), told]));

  it('is the one with the highest accepted ring, though another is longer', () => {
    const states = voters({
      1: state(ring(3), A, [{ ring: A, end: 9 }]),
      2: state(ring(3), B, [{ ring: A, end: 4 }]),
    });
    expect(chooseHistory(states, 2, {})?.donor).toBe(2);
    expect(chooseHistory(states, 2, { longestLogWins: true })?.donor).toBe(1);
  });

  it('is the longest of those, then the lowest member’s', () => {
    const states = voters({
      3: state(ring(3), B, [{ ring: B, end: 5 }]),
      2: state(ring(3), B, [{ ring: B, end: 5 }]),
      1: state(ring(3), B, [{ ring: B, end: 4 }]),
    });
    expect(chooseHistory(states, 2, {})?.donor).toBe(2);
  });

  it('is not known while too few members have ever accepted one', () => {
    const states = voters({
      1: state(ring(3), undefined),
      2: state(ring(3), undefined),
      3: state(ring(3), A),
    });
    expect(chooseHistory(states, 2, {})).toBeUndefined();
  });

  it('is shared with a log up to where the two part', () => {
    const mine: Run[] = [
      { ring: A, end: 5 },
      { ring: B, end: 9 },
    ];
    expect(sharedLength(mine, [{ ring: A, end: 3 }])).toBe(3);
    expect(sharedLength(mine, [{ ring: A, end: 7 }])).toBe(5);
    expect(
      sharedLength(mine, [
        { ring: A, end: 5 },
        { ring: B, end: 20 },
      ]),
    ).toBe(9);
    expect(sharedLength(mine, [{ ring: ring(7), end: 20 }])).toBe(0);
  });
});

describe('a replica', () => {
  const R = ring(5);
  const exchange = (hand: Hand): void => {
    hand.install(R);
    expect(hand.ownControl()).toMatchObject({ kind: 'state', accepted: FOUNDING_RING });
    hand.control(2, state(R, FOUNDING_RING));
    hand.control(3, state(R, FOUNDING_RING));
  };

  it('says that it is ready when what it adopted is on its disk, and not before', () => {
    const hand = new Hand();
    exchange(hand);
    expect(hand.ownControl()).toBeUndefined();
    hand.persistAll();
    expect(hand.ownControl()).toMatchObject({ kind: 'ready' });
    const wrong = new Hand({ readyBeforeDurable: true });
    exchange(wrong);
    expect(wrong.ownControl()).toMatchObject({ kind: 'ready' });
  });

  it('serves once a majority of the configured members is ready', () => {
    const serving = (mutations: GroupMutations, others: readonly number[]): boolean => {
      const hand = new Hand(mutations);
      exchange(hand);
      hand.persistAll();
      hand.ownControl();
      for (const id of others) hand.control(id, { kind: 'ready', for: R });
      return hand.replication.serving;
    };
    expect(serving({}, [])).toBe(false);
    expect(serving({}, [3])).toBe(true);
    expect(serving({ primaryAfterOneReady: true }, [])).toBe(true);
  });

  it('hears nothing that was meant for another ring', () => {
    const serving = (mutations: GroupMutations): boolean => {
      const hand = new Hand(mutations);
      exchange(hand);
      hand.persistAll();
      hand.ownControl();
      hand.control(2, { kind: 'ready', for: ring(4) });
      return hand.replication.serving;
    };
    expect(serving({})).toBe(false);
    expect(serving({ acceptsStaleControl: true })).toBe(true);
  });

  it('commits what is stable, and what the ring started from at once', () => {
    const hand = new Hand({}, [entry(ring(1), 1, 'old', 'older')]);
    hand.install(R);
    hand.ownControl();
    for (const id of [2, 3]) hand.control(id, state(R, FOUNDING_RING));
    hand.persistAll();
    hand.ownControl();
    expect(hand.committed()).toEqual([]);
    hand.control(2, { kind: 'ready', for: R });
    expect(hand.committed()).toEqual(['old', 'older']);
    hand.hear(3, encodeCommand(Buffer.from('new')));
    expect(hand.committed()).toEqual(['old', 'older']);
    hand.stable();
    expect(hand.committed()).toEqual(['old', 'older', 'new']);
  });

  it('acknowledges a place only when everything up to it is on its disk', () => {
    const hand = new Hand();
    exchange(hand);
    hand.persistAll();
    hand.ownControl();
    hand.control(2, { kind: 'ready', for: R });
    hand.effects = [];
    hand.hear(2, encodeCommand(Buffer.from('x')));
    expect(hand.effects.some(({ kind }) => kind === 'durable')).toBe(false);
    hand.persistAll();
    expect(hand.effects.filter(({ kind }) => kind === 'durable')).toMatchObject([{ seq: 6 }]);
  });

  it('takes back what the history that wins does not have, and asks for what it has', () => {
    const hand = new Hand({}, [entry(ring(1), 1, 'a'), entry(ring(2), 1, 'lost')]);
    hand.install(R);
    hand.ownControl();
    hand.control(
      2,
      state(R, ring(3), [
        { ring: ring(1), end: 1 },
        { ring: ring(3), end: 3 },
      ]),
    );
    hand.control(3, state(R, FOUNDING_RING));
    expect(hand.effects).toContainEqual({ kind: 'persist', write: 1, records: [{ kind: 'cut', after: 1 }] });
    expect(hand.effects).toContainEqual({ kind: 'reply', to: 2, body: { type: 'fetch', ring: R, after: 1 } });
    const entries = [entry(ring(3), 1, 'b', 'c')];
    hand.replication.receiveCatchUp(2, { type: 'entries', ring: R, after: 1, entries });
    hand.hear(3, encodeControl({ kind: 'ready', for: R }));
    hand.persistAll();
    expect(hand.ownControl()).toMatchObject({ kind: 'ready' });
    expect(hand.committed()).toEqual(['a', 'b', 'c']);
  });

  it('sends again what a broken ring lost, and only that', () => {
    const hand = new Hand();
    exchange(hand);
    hand.persistAll();
    hand.ownControl();
    hand.control(2, { kind: 'ready', for: R });
    hand.replication.submit(1, Buffer.from('kept'));
    hand.hear(1, ...hand.replication.take(1_400, 5));
    hand.replication.submit(2, Buffer.from('lost'));
    hand.replication.take(1_400, 6);
    expect(hand.replication.waitingBytes()).toBe(0);
    hand.persistAll();
    const next = ring(6);
    hand.install(next);
    hand.ownControl();
    for (const id of [2, 3]) hand.control(id, state(next, FOUNDING_RING));
    hand.persistAll();
    hand.ownControl();
    hand.control(3, { kind: 'ready', for: next });
    const again = hand.replication
      .take(1_400, 9)
      .map((payload) => Buffer.from(payload.subarray(1)).toString());
    expect(again).toEqual(['lost']);
  });

  it('refuses more than it can keep', () => {
    const hand = new Hand();
    for (let i = 0; i < 10; i++) hand.replication.submit(i, Buffer.from('x'));
    expect(() => hand.replication.submit(10, Buffer.from('x'))).toThrow(/wait to be ordered/);
  });
});

describe('a replicated log', () => {
  it('finds commands by position, across entries, and forgets whole entries', () => {
    const log = new ReplicatedLog();
    log.append(entry(ring(1), 1, 'a', 'b'));
    log.append(entry(ring(1), 2, 'c'));
    log.append(entry(ring(2), 1, 'd', 'e'));
    const texts = (first: number, last: number): string[] =>
      log.commands(first, last).map((c) => Buffer.from(c).toString());
    expect(texts(2, 4)).toEqual(['b', 'c', 'd']);
    expect(log.runs()).toEqual([
      { ring: ring(1), end: 3 },
      { ring: ring(2), end: 5 },
    ]);
    log.trim(4);
    expect([log.base, log.length, texts(4, 5)]).toEqual([3, 5, ['d', 'e']]);
    expect(log.endOf(ring(2), 9)).toBe(5);
    expect(() => log.cut(4)).toThrow(/between entries/);
    expect(log.cut(3)).toHaveLength(1);
    expect(log.length).toBe(3);
  });
});
