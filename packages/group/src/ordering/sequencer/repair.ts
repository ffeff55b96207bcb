import type { MemberId } from '../../model/processor.ts';
import { numbersOf, rangesOf, type Ranges } from '../../model/ranges.ts';
import type { Rotation } from '../../wire/bodies.ts';
import type { Knowledge } from './knowledge.ts';
import type { SequencedRequests } from './sequenced-requests.ts';

/** Items asked for, or sent, in one datagram. */
const ITEMS_MAX = 32;
/** Bytes of Requests in one datagram, unless one alone has more. */
const BYTES_MAX = 8_192;
/** Every third time somebody else than the sender is asked. */
const SENDER_TRIES = 3;

interface Question {
  readonly to: MemberId;
  readonly part: Partial<Rotation>;
}

/** Negative acknowledgement: what is missing is asked for, of its sender first; anybody who has it answers. */
export class Repair {
  /** A question is due: what is missing may still be on its way. */
  waiting = false;
  served = 0;
  private readonly members: readonly MemberId[];
  private readonly index: number;
  private readonly order: SequencedRequests;
  private readonly knowledge: Knowledge;
  private tries = 0;

  constructor(members: readonly MemberId[], index: number, order: SequencedRequests, knowledge: Knowledge) {
    this.members = members;
    this.index = index;
    this.order = order;
    this.knowledge = knowledge;
  }

  hasGaps(): boolean {
    if (this.order.missingSequences(this.knowledge.maxK).length > 0) return true;
    return this.knowledge.known.some((known, i) => this.order.missingRequests(i, known).length > 0);
  }

  /** One question for each member that is asked. */
  ask(): Question[] {
    this.tries++;
    const lackSequences = new Map<number, number[]>();
    for (const k of numbersOf(this.order.missingSequences(this.knowledge.maxK), ITEMS_MAX)) {
      const target = this.target(k % this.members.length);
      lackSequences.set(target, [...(lackSequences.get(target) ?? []), k]);
    }
    const lackRequests = new Map<number, { origin: MemberId; lseqs: Ranges }[]>();
    for (let i = 0; i < this.members.length; i++) {
      const missing = this.order.missingRequests(i, this.knowledge.known[i] as number);
      if (missing.length === 0) continue;
      const lseqs = rangesOf(numbersOf(missing, ITEMS_MAX));
      const target = this.target(i);
      const asked = { origin: this.members[i] as MemberId, lseqs };
      lackRequests.set(target, [...(lackRequests.get(target) ?? []), asked]);
    }
    const targets = new Set([...lackSequences.keys(), ...lackRequests.keys()]);
    return [...targets].map((target) => ({
      to: this.members[target] as MemberId,
      part: {
        lackSequences: rangesOf(lackSequences.get(target) ?? []),
        lackRequests: lackRequests.get(target) ?? [],
      },
    }));
  }

  /** Sends what is asked for and held here. */
  serve(body: Rotation, send: (part: Partial<Rotation>) => void): void {
    const sequences = [...numbersOf(body.lackSequences, ITEMS_MAX)].flatMap((k) => {
      const requests = this.order.sequence(k);
      return requests === undefined ? [] : [{ k, requests }];
    });
    this.served += sequences.length;
    if (sequences.length > 0) send({ sequences });
    let requests: Rotation['requests'][number][] = [];
    let bytes = 0;
    for (const { origin, lseqs } of body.lackRequests) {
      for (const lseq of numbersOf(lseqs, ITEMS_MAX)) {
        const message = this.order.request(origin, lseq);
        if (message === undefined) continue;
        const size = message.payloads.reduce((sum, payload) => sum + payload.length + 4, 0);
        if (requests.length > 0 && bytes + size > BYTES_MAX) {
          send({ requests });
          requests = [];
          bytes = 0;
        }
        requests.push({ lseq, message });
        bytes += size;
        this.served++;
      }
    }
    if (requests.length > 0) send({ requests });
  }

  private target(sender: number): number {
    const size = this.members.length;
    const elsewhere = this.tries % SENDER_TRIES === 0 || sender === this.index;
    if (!elsewhere) return sender;
    const other = (sender + 1 + (this.tries % (size - 1))) % size;
    return other === this.index ? (other + 1) % size : other;
  }
}
