import { describe, expect, it } from 'vitest';
import type { Message } from '../model/item.ts';
import type { GroupMutations } from '../model/mutations.ts';
import type { Delivery } from '../model/outbox.ts';
import type { Processor } from '../model/processor.ts';
import { upTo, type Ranges } from '../model/ranges.ts';
import type { RingId } from '../model/ring.ts';
import { DEFAULT_GROUP_SETTINGS } from '../model/settings.ts';
import { TokenRing } from '../ordering/token-ring/token-ring.ts';
import type { Body, BodyOf } from '../wire/bodies.ts';
import { Group } from './group.ts';

const ONE: Processor = { id: 1, incarnation: 1 };
const TWO: Processor = { id: 2, incarnation: 1 };
const THREE: Processor = { id: 3, incarnation: 1 };
const ALL = [ONE, TWO, THREE];
const NOBODY: readonly Processor[] = [];

/** Member 2 of three; the test speaks for the others. */
class Hand {
  readonly group: Group;
  readonly deliveries: Delivery[] = [];
  sent: Body[] = [];
  private nowMs = 0;

  constructor(mutations: GroupMutations = {}) {
    this.group = new Group({
      me: TWO,
      configured: [1, 2, 3],
      majority: 2,
      reserved: 100,
      settings: DEFAULT_GROUP_SETTINGS,
      mutations,
      source: { waitingBytes: () => 0, take: () => [] },
      ordering: (context) => new TokenRing(context),
    });
    this.group.boot(0);
    this.group.reserved(0, 10_000);
    this.drain();
  }

  hear(from: Processor, body: Body): void {
    this.nowMs++;
    if (body.type === 'fetch' || body.type === 'entries') return;
    this.group.receive(this.nowMs, from, body);
    this.drain();
  }

  timer(name: 'consensus' | 'formLoss'): void {
    this.nowMs += 100;
    this.group.timer(this.nowMs, name);
    this.drain();
  }

  /** Goes through gather, both rotations of the commit token, and to the door of the installation. */
  form(ring: RingId, held: readonly { oldRing: RingId; held: Ranges }[]): BodyOf<'commit'> {
    for (const from of [ONE, THREE]) this.hear(from, join(ALL, NOBODY, ring.seq - 1));
    const entry = (i: number) => ({
      oldRing: held[i]?.oldRing ?? { seq: 50 + i, representative: i + 1, incarnation: 1 },
      held: [held[i]?.held ?? []],
      obligation: [],
    });
    this.hear(ONE, { type: 'commit', ring, rotation: 1, members: ALL, entries: [entry(0)] });
    const mine = this.last('commit');
    const entries = [...mine.entries, entry(2)];
    this.hear(ONE, { type: 'commit', ring, rotation: 2, members: ALL, entries });
    return mine;
  }

  install(ring: RingId): void {
    this.hear(ONE, { type: 'recovery', ring, done: 7, wanted: [] });
  }

  last<Type extends Body['type']>(type: Type): BodyOf<Type> {
    const found = this.sent.findLast((body) => body.type === type);
    if (found === undefined) throw new Error(`No ${type} was sent`);
    return found as BodyOf<Type>;
  }

  private drain(): void {
    for (const effect of this.group.takeEffects()) if (effect.kind === 'send') this.sent.push(effect.body);
    this.deliveries.push(...this.group.takeDeliveries());
  }
}

const join = (processors: readonly Processor[], failed: readonly Processor[], promised: number): Body => ({
  type: 'join',
  processors,
  failed,
  maxRing: promised,
  promised,
  leaving: false,
});
const FIRST: RingId = { seq: 101, representative: 1, incarnation: 1 };
const SECOND: RingId = { seq: 102, representative: 1, incarnation: 1 };
const message = (origin: number, number: number): Message => ({ origin, number, payloads: [] });

describe('the membership of a member', () => {
  it('G11, G12: agrees, promises, tells what it holds, and installs once all are done', () => {
    const hand = new Hand();
    const mine = hand.form(FIRST, []);
    expect(mine.entries).toHaveLength(2);
    expect(hand.group.phase).toBe('recovery');
    hand.hear(ONE, { type: 'recovery', ring: FIRST, done: 1, wanted: [] });
    expect(hand.group.phase).toBe('recovery');
    hand.hear(THREE, { type: 'recovery', ring: FIRST, done: 4, wanted: [] });
    expect(hand.group.operational).toBe(true);
    expect(hand.deliveries).toEqual([
      { kind: 'configuration', configuration: 'regular', ring: FIRST, members: ALL },
    ]);
  });

  it('takes the traffic of a ring that it forms as the proof that all are done', () => {
    const hand = new Hand();
    hand.form(FIRST, []);
    hand.hear(ONE, { type: 'data', ring: FIRST, seq: 1, message: message(1, 0) });
    expect(hand.group.operational).toBe(true);
    expect(hand.deliveries.at(-1)).toMatchObject({ kind: 'ordered', seq: 1 });
  });

  it('G12: never agrees to a ring number twice', () => {
    const hand = new Hand();
    hand.form(FIRST, []);
    hand.timer('formLoss');
    hand.sent = [];
    for (const from of [ONE, THREE]) hand.hear(from, join(ALL, NOBODY, 101));
    const entries = [{ oldRing: SECOND, held: [], obligation: [] }];
    hand.hear(ONE, { type: 'commit', ring: FIRST, rotation: 1, members: ALL, entries });
    expect(hand.sent.some(({ type }) => type === 'commit')).toBe(false);
    hand.hear(ONE, { type: 'commit', ring: SECOND, rotation: 1, members: ALL, entries });
    expect(hand.last('commit').ring).toEqual(SECOND);
  });

  it('does not take a repetition of the first rotation for the second', () => {
    const hand = new Hand();
    for (const from of [ONE, THREE]) hand.hear(from, join(ALL, NOBODY, 100));
    const entry = { oldRing: SECOND, held: [], obligation: [] };
    hand.hear(ONE, { type: 'commit', ring: FIRST, rotation: 1, members: ALL, entries: [entry] });
    const entries = [entry, entry, entry];
    hand.hear(THREE, { type: 'commit', ring: FIRST, rotation: 1, members: ALL, entries });
    expect(hand.group.phase).toBe('commit');
  });

  it('is not disturbed by a late JOIN of a member of its ring', () => {
    const phaseAfter = (mutations: GroupMutations): string => {
      const hand = new Hand(mutations);
      hand.form(FIRST, []);
      hand.install(FIRST);
      hand.hear(THREE, join(ALL, NOBODY, 100));
      return hand.group.phase;
    };
    expect(phaseAfter({})).toBe('operational');
    expect(phaseAfter({ processesStaleJoin: true })).toBe('gather');
    const hand = new Hand();
    hand.form(FIRST, []);
    hand.install(FIRST);
    hand.hear(THREE, join(ALL, NOBODY, 101));
    expect(hand.group.phase, 'a JOIN from after the ring is no late one').toBe('gather');
  });

  it('agrees with a member that takes an earlier life of it for failed', () => {
    const hand = new Hand();
    const earlier = { id: 2, incarnation: 0 };
    hand.hear(ONE, join([ONE, TWO], [earlier], 100));
    hand.sent = [];
    hand.hear(ONE, join([ONE, TWO], [earlier], 100));
    // Nothing new in it: no answer, or two such members would answer each other for ever.
    expect(hand.sent).toEqual([]);
    hand.timer('consensus');
    expect(hand.last('join').failed).toEqual([earlier]);
  });

  it('G15: keeps the promise that it made by being done, in a smaller ring too', () => {
    const transitional = (mutations: GroupMutations): number[] => {
      const hand = new Hand(mutations);
      hand.form(FIRST, []);
      hand.install(FIRST);
      // 2 is lost with whoever sent it; 3 came from member 3 after it.
      for (const seq of [1, 3])
        hand.hear(THREE, { type: 'data', ring: FIRST, seq, message: message(3, seq) });
      hand.hear(ONE, join(ALL, NOBODY, 101));
      const held = { oldRing: FIRST, held: [...upTo(1), { from: 3, to: 3 }] };
      hand.form(SECOND, [held, held, held]);
      // Done, and told so: the others may have installed it, and delivered 3. Then nobody is heard any more.
      expect(hand.last('recovery').done & 2).toBe(2);
      hand.timer('formLoss');
      hand.timer('consensus');
      expect(hand.group.ring.members).toEqual([TWO]);
      return hand.deliveries.flatMap((delivery) =>
        delivery.kind === 'ordered' && delivery.transitional ? [delivery.seq] : [],
      );
    };
    expect(transitional({})).toEqual([3]);
    expect(transitional({ ignoresObligation: true })).toEqual([]);
  });

  it('ignores strangers and earlier lives, and counts them', () => {
    const hand = new Hand();
    hand.form(FIRST, []);
    hand.install(FIRST);
    hand.hear({ id: 9, incarnation: 1 }, join(ALL, NOBODY, 500));
    hand.hear({ id: 3, incarnation: 0 }, join(ALL, NOBODY, 500));
    expect(hand.group.operational).toBe(true);
    expect(hand.group.status()).toMatchObject({ stranger: 1, staleIncarnation: 1 });
  });

  it('G14: forms a new ring at once when a process is known to be dead', () => {
    const hand = new Hand();
    hand.form(FIRST, []);
    hand.install(FIRST);
    hand.sent = [];
    hand.group.refused(1_000, 3);
    for (const effect of hand.group.takeEffects()) if (effect.kind === 'send') hand.sent.push(effect.body);
    expect(hand.last('join')).toMatchObject({ failed: [THREE] });
  });
});
