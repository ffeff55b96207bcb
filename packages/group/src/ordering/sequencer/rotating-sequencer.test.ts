import { describe, expect, it } from 'vitest';
import { OrderingBench, type BenchOptions, type Carried } from '../../testing/ordering-bench.ts';
import { RotatingSequencer } from './rotating-sequencer.ts';

const bench = (options: BenchOptions): OrderingBench =>
  new OrderingBench((context) => new RotatingSequencer(context), options).start();
const rotation = ({ body }: Carried) => (body.type === 'rotation' ? body : undefined);

describe('the rotating sequencer', () => {
  it('G1: a client may submit to any member, and all have all of it in one order', () => {
    const group = bench({ members: 5 });
    for (let id = 1; id <= 5; id++) group.submit(id, `from ${id}`);
    group.pass(100);
    expect(group.stable(1).sort()).toEqual(['from 1', 'from 2', 'from 3', 'from 4', 'from 5']);
    for (let id = 2; id <= 5; id++) expect(group.stable(id)).toEqual(group.ordered(1));
  });

  it('G2: a Request goes to every member under <member, local number>, from 0 on', () => {
    const group = bench({ members: 3 });
    group.submit(2, 'a');
    group.pass(50);
    group.submit(2, 'b');
    group.pass(50);
    const requests = group
      .sent('rotation')
      .filter(({ from }) => from === 2)
      .flatMap(({ to, body }) => body.requests.map(({ message }) => [to, message.origin, message.number]));
    expect(requests).toEqual([
      [1, 2, 0],
      [3, 2, 0],
      [1, 2, 1],
      [3, 2, 1],
    ]);
  });

  it('G3: Sequence k is sent by member k mod n, always', () => {
    const group = bench({ members: 3 });
    const first = new Map<number, number>();
    for (let i = 0; i < 10_000; i++) {
      group.submit(1 + (i % 3), `r${i}`);
      if (i % 7 === 0) group.flow();
    }
    group.pass(2_000);
    for (const { from, body } of group.sent('rotation')) {
      for (const { k } of body.sequences) if (!first.has(k)) first.set(k, from);
    }
    expect(group.stable(3)).toHaveLength(10_000);
    expect(first.size).toBeGreaterThan(1_000);
    for (const [k, from] of first) expect(from, `k = ${k}`).toBe((k % 3) + 1);
  });

  it('G4: k is not given while a Sequence below k is missing, nor while its Request is', () => {
    const group = bench({ members: 3 });
    const numbers = (): number[] =>
      group.sent('rotation').flatMap(({ body }) => body.sequences.map(({ k }) => k));
    // k = 1 is member 2's. Member 3, which gives 2, does not get it.
    group.passes = ({ from, to }) => !(from === 2 && to === 3);
    group.submit(1, 'a');
    group.flow();
    group.submit(1, 'b');
    group.flow();
    expect(new Set(numbers())).toEqual(new Set([1]));
    // Nor does it number anything when it has the Sequence but not the Request.
    const other = bench({ members: 3 });
    other.passes = (datagram) => !(datagram.to === 3 && (rotation(datagram)?.requests.length ?? 0) > 0);
    other.submit(1, 'a');
    other.flow();
    other.submit(1, 'b');
    other.flow();
    expect(other.ordered(3)).toEqual([]);
    expect(other.sent('rotation').some(({ body }) => body.sequences.some(({ k }) => k > 1))).toBe(false);
    other.passes = () => true;
    other.pass(200);
    expect(other.stable(3)).toEqual(['a', 'b']);
  });

  it('G5: Requests of a sender are numbered in its order, in whatever order they arrive', () => {
    const group = bench({ members: 3, settings: { packBytes: 1 } });
    let held: Carried | undefined;
    // The first Request is late everywhere, the second is on time.
    group.passes = (datagram) => {
      const isFirst = rotation(datagram)?.requests.some(({ lseq }) => lseq === 1) === true;
      if (isFirst && held === undefined) held = datagram;
      return !isFirst;
    };
    group.submit(1, 'first');
    group.submit(1, 'second');
    group.flow();
    expect(group.ordered(2)).toEqual([]);
    group.passes = () => true;
    group.pass(200);
    for (const id of [1, 2, 3]) expect(group.stable(id)).toEqual(['first', 'second']);
  });

  it('G6: nothing is delivered unless a majority of the configured members has it', () => {
    const deaf = (silent: readonly number[]): OrderingBench => {
      const group = bench({ members: 5 });
      group.passes = ({ from, to }) => !silent.includes(from) && !silent.includes(to);
      // k = 1 is member 2's: it is not among the silent ones.
      group.submit(1, 'x');
      group.pass(200);
      return group;
    };
    const tooFew = deaf([3, 4, 5]);
    expect([tooFew.ordered(1), tooFew.stable(1), tooFew.stable(2)]).toEqual([['x'], [], []]);
    const enough = deaf([4, 5]);
    for (const id of [1, 2, 3]) expect(enough.stable(id)).toEqual(['x']);
  });

  it('G6: what is received but not on disk is delivered nowhere', () => {
    const group = bench({ members: 3, durableAtOnce: false });
    group.submit(1, 'x');
    group.pass(100);
    expect([group.ordered(2), group.stable(2)]).toEqual([['x'], []]);
    group.turn(1, () => group.engine(1).durable(1));
    group.pass(50);
    expect(group.stable(2)).toEqual([]);
    group.turn(2, () => group.engine(2).durable(1));
    group.pass(50);
    for (const id of [1, 2, 3]) expect(group.stable(id)).toEqual(['x']);
  });

  it('counts only the members that it is told to count', () => {
    const group = bench({ members: 3 });
    for (const id of [1, 2, 3]) group.turn(id, () => group.engine(id).count([1]));
    group.submit(1, 'x');
    group.pass(100);
    expect([group.ordered(3), group.stable(3)]).toEqual([['x'], []]);
    for (const id of [1, 2, 3]) group.turn(id, () => group.engine(id).count([1, 2]));
    group.pass(100);
    expect(group.stable(3)).toEqual(['x']);
  });

  it('G7: a missing Request is asked of its sender, a missing Sequence of the member that gave it', () => {
    for (const lost of ['requests', 'sequences'] as const) {
      const group = bench({ members: 3 });
      let losses = 0;
      // Member 1 sends the Request, member 2 gives number 1, member 3 misses one of the two.
      group.passes = (datagram) => {
        const carries = datagram.to === 3 && (rotation(datagram)?.[lost].length ?? 0) > 0;
        return !(carries && losses++ === 0);
      };
      group.submit(1, 'x');
      group.pass(100);
      const questions = group
        .sent('rotation')
        .filter(
          ({ from, body }) => from === 3 && (body.lackRequests.length > 0 || body.lackSequences.length > 0),
        );
      expect(questions[0]?.to, lost).toBe(lost === 'requests' ? 1 : 2);
      expect(group.stable(3), lost).toEqual(['x']);
    }
  });

  it('G7: anybody who holds it is asked once its sender does not answer', () => {
    const group = bench({ members: 3 });
    group.passes = (datagram) =>
      !(datagram.to === 3 && datagram.from === 1 && (rotation(datagram)?.requests.length ?? 0) > 0);
    group.submit(1, 'x');
    group.pass(200);
    expect(group.stable(3)).toEqual(['x']);
  });

  it('G8: the last message of a burst is lost, and is delivered all the same', () => {
    const group = bench({ members: 5 });
    group.submit(1, 'a', 'b');
    group.pass(50);
    let losses = 0;
    group.passes = () => losses++ >= 4;
    group.submit(1, 'last');
    group.flow();
    expect(group.ordered(2)).not.toContain('last');
    group.pass(200);
    for (let id = 1; id <= 5; id++) expect(group.stable(id)).toEqual(['a', 'b', 'last']);
  });

  it('reads at a position only after a majority has said that it is still here', () => {
    const group = bench({ members: 5 });
    group.submit(2, 'x');
    group.pass(100);
    group.passes = ({ to, from }) => to <= 2 && from <= 2;
    group.turn(1, () => group.engine(1).read(7));
    group.pass(100);
    const answers = (): unknown[] =>
      (group.deliveries.get(1) ?? []).filter(({ kind }) => kind === 'readPoint');
    expect(answers()).toEqual([]);
    group.passes = ({ to, from }) => to <= 3 && from <= 3;
    group.pass(100);
    expect(answers()).toMatchObject([{ reads: [7], need: 1 }]);
  });

  it('complains of a member that has fallen silent', () => {
    const group = bench({ members: 3 });
    group.passes = ({ from }) => from !== 3;
    group.pass(600);
    expect(group.complaints).toContain('1: nothing is heard of member 3');
    expect(group.complaints.some((complaint) => complaint.includes('of member 2'))).toBe(false);
  });

  it('cuts its order at the first hole: what is numbered above it is unnumbered again', () => {
    const adopted = (mutations: BenchOptions['mutations']): [string[], number[]] => {
      const group = bench({ members: 3, ...(mutations && { mutations }) });
      const engine = group.engine(1);
      engine.halt();
      for (const lseq of [1, 2, 3]) {
        const message = { origin: 1, number: lseq, payloads: [Buffer.from(`r${lseq}`)] };
        engine.recovered({ stream: 1, seq: lseq, content: { kind: 'message', message } });
      }
      for (const k of [1, 3]) {
        const requests = [{ origin: 1, lseq: k }];
        engine.recovered({ stream: 0, seq: k, content: { kind: 'sequence', requests } });
      }
      const { regular, unordered } = engine.adopt(new Set([1]));
      const texts = regular.flatMap(({ messages }) => messages.map(({ payloads }) => String(payloads[0])));
      return [texts, unordered.map(({ number }) => number)];
    };
    expect(adopted({})).toEqual([['r1'], [2, 3]]);
    expect(adopted({ deliversAfterHole: true })[0]).not.toEqual(['r1']);
  });
});

describe('each rule of the rotating sequencer is needed', () => {
  /** Member 3 has Sequence 1 and not the Request that it names, but another Request: may it number that? */
  const assignsInTheDark = (mutations: BenchOptions['mutations']): boolean => {
    const group = bench({ members: 3, ...(mutations && { mutations }) });
    group.passes = (datagram) =>
      !(
        datagram.to === 3 && rotation(datagram)?.requests.some(({ message }) => message.origin === 1) === true
      );
    group.submit(1, 'a');
    group.flow();
    group.submit(2, 'b');
    group.flow();
    return group.sent('rotation').some(({ from, body }) => from === 3 && body.sequences.length > 0);
  };

  it('G4: a member numbers only what it knows everything before of', () => {
    expect(assignsInTheDark({})).toBe(false);
    expect(assignsInTheDark({ assignsWithoutRequests: true })).toBe(true);
  });

  it('a learner counts for nothing', () => {
    const stable = (mutations: BenchOptions['mutations']): string[] => {
      const group = bench({ members: 3, ...(mutations && { mutations }) });
      for (const id of [1, 2, 3]) group.turn(id, () => group.engine(id).count([1]));
      group.submit(1, 'x');
      group.pass(100);
      return group.stable(1);
    };
    expect(stable({})).toEqual([]);
    expect(stable({ countsLearners: true })).toEqual(['x']);
  });

  it('G8: acknowledgements are told at once, not with the next heartbeat', () => {
    const soon = (mutations: BenchOptions['mutations']): string[] => {
      const group = bench({ members: 3, ...(mutations && { mutations }) });
      group.pass(1_001);
      group.submit(1, 'x');
      group.pass(5);
      return group.stable(3);
    };
    expect(soon({})).toEqual(['x']);
    expect(soon({ tellsNoStatus: true })).toEqual([]);
  });

  it('G8: who asks is answered by who knows better, before the next heartbeat', () => {
    const answered = (mutations: BenchOptions['mutations']): string[] => {
      const group = bench({ members: 2, ...(mutations && { mutations }) });
      group.pass(1_001);
      // Member 1 tells its acknowledgement, and it is lost.
      group.passes = ({ from, body }) =>
        !(from === 1 && body.type === 'rotation' && (body.acks[0] as number) > 0);
      group.submit(1, 'x');
      group.pass(20);
      group.passes = () => true;
      group.pass(25);
      return group.stable(2);
    };
    expect(answered({})).toEqual(['x']);
    expect(answered({ answersNoAsk: true })).toEqual([]);
  });
});
