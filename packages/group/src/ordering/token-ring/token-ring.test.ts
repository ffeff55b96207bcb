import { describe, expect, it } from 'vitest';
import { OrderingBench, type BenchOptions, type Carried } from '../../testing/ordering-bench.ts';
import { TokenRing } from './token-ring.ts';

const bench = (options: BenchOptions): OrderingBench =>
  new OrderingBench((context) => new TokenRing(context), options).start();
const isToken = ({ body }: Carried): boolean => body.type === 'token';
const readPoints = (group: OrderingBench, id: number): unknown[] =>
  (group.deliveries.get(id) ?? []).filter(({ kind }) => kind === 'readPoint');

describe('the token ring', () => {
  it('G19: orders what all members send, the same for all', () => {
    const group = bench({ members: 5 });
    for (let id = 1; id <= 5; id++) group.submit(id, `${id}a`, `${id}b`);
    group.pass(200);
    expect(group.stable(1)).toHaveLength(10);
    for (let id = 2; id <= 5; id++) expect(group.stable(id)).toEqual(group.ordered(1));
  });

  it('parks an idle token at one member, and sends a lone message at once where it is parked', () => {
    const group = bench({ members: 5 });
    group.pass(500);
    const hopsBefore = group.sent('token').length;
    group.pass(1_000);
    // A keepalive is 40 ms: 25 rotations, each hop sent twice because nobody would miss a lost one for long.
    expect(group.sent('token').length - hopsBefore).toBeLessThan(30 * 5 * 2);
    const parkedAt = [1, 2, 3, 4, 5].find((id) => group.engine(id).status()['parked'] === true);
    expect(parkedAt).toBeDefined();
    const before = group.wire.length;
    group.submit(parkedAt as number, 'now');
    expect(group.wire[before]?.body.type).toBe('data');
  });

  it('wakes a parked token for whoever has something to send', () => {
    const group = bench({ members: 5 });
    group.pass(500);
    const sleeper = [1, 2, 3, 4, 5].find((id) => group.engine(id).status()['parked'] === false);
    group.submit(sleeper as number, 'now');
    group.pass(1);
    expect(group.ordered(1)).toEqual(['now']);
  });

  it('does not take a message for stable that one member lacks', () => {
    const group = bench({ members: 3 });
    group.pass(100);
    group.passes = ({ to, body }) => !(to === 3 && body.type === 'data');
    group.submit(1, 'x');
    group.pass(200);
    expect([group.ordered(2), group.stable(1), group.stable(2)]).toEqual([['x'], [], []]);
    group.passes = () => true;
    group.pass(100);
    for (const id of [1, 2, 3]) expect(group.stable(id)).toEqual(['x']);
  });

  it('does not take a message for stable that is not on the disks of all', () => {
    const group = bench({ members: 3, durableAtOnce: false });
    group.submit(1, 'x');
    group.pass(100);
    for (const id of [1, 2]) group.turn(id, () => group.engine(id).durable(1));
    group.pass(100);
    expect([group.ordered(3), group.stable(1)]).toEqual([['x'], []]);
    group.turn(3, () => group.engine(3).durable(1));
    group.pass(100);
    for (const id of [1, 2, 3]) expect(group.stable(id)).toEqual(['x']);
  });

  it('survives a lost token, and does not without repeating it', () => {
    const losesOne = (mutations: BenchOptions['mutations']): string[] => {
      const group = bench({ members: 3, ...(mutations && { mutations }) });
      let losses = 0;
      group.passes = (datagram) => !(isToken(datagram) && losses++ === 0);
      group.submit(2, 'x');
      group.pass(1_000);
      return group.complaints;
    };
    expect(losesOne({})).toEqual([]);
    expect(losesOne({ neverResendsToken: true })).not.toEqual([]);
  });

  it('confirms a read only when every member has passed the token on since it began', () => {
    const readWhereTheTokenIs = (mutations: BenchOptions['mutations']): unknown[] => {
      const group = bench({ members: 3, ...(mutations && { mutations }) });
      group.pass(100);
      const reader = [1, 2, 3].find((id) => group.engine(id).status()['parked'] === true) as number;
      // The reader passes the token on, and nobody ever sees it again.
      group.passes = () => false;
      group.turn(reader, () => group.engine(reader).read(1));
      group.pass(200);
      return readPoints(group, reader);
    };
    expect(readWhereTheTokenIs({})).toEqual([]);
    expect(readWhereTheTokenIs({ readsAfterOneVisit: true })).toHaveLength(1);
    const whole = bench({ members: 3 });
    whole.turn(2, () => whole.engine(2).read(5));
    whole.pass(50);
    expect(readPoints(whole, 2)).toMatchObject([{ reads: [5] }]);
  });

  it('has others leave out a member that speaks but receives nothing', () => {
    const group = bench({ members: 3, settings: { stuckMs: 300 } });
    group.passes = ({ to, body }) => !(to === 3 && body.type === 'data');
    group.submit(1, 'x');
    group.pass(600);
    expect(group.complaints).toContain('1 accuses 3: it has received nothing for too long');
    expect(group.complaints.some((complaint) => complaint.startsWith('3'))).toBe(false);
  });

  it('after a hole, delivers only what depends on nobody who is lost', () => {
    const group = bench({ members: 3 });
    const engine = group.engine(1);
    engine.halt();
    const item = (seq: number, origin: number): void =>
      engine.recovered({
        stream: 0,
        seq,
        content: { kind: 'message', message: { origin, number: seq, payloads: [] } },
      });
    for (const [seq, origin] of [
      [1, 3],
      [3, 3],
      [4, 2],
      [5, 1],
    ] as const) {
      item(seq, origin);
    }
    const { regular, transitional } = engine.adopt(new Set([1, 2]));
    expect(regular.map(({ seq }) => seq)).toEqual([1]);
    expect(transitional.map(({ seq }) => seq)).toEqual([4, 5]);
  });
});
